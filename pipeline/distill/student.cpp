#include "pipeline/distill/student.hpp"

#include <algorithm>
#include <numeric>

#include "core/seed_tags.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/pretrained.hpp"
#include "pipeline/features/architecture.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kStudentStages = 4;

NetworkSpec spec_of(const TrainConfig& config) {
  if (config.arch.empty()) return load_model(config.from).spec;
  return make_architecture(config.arch, {.input_size = config.input_size, .width = config.width})
      .spec;
}

}  // namespace

StartingPoint begin_student(const DistillConfig& config, std::size_t outputs) {
  TrainConfig start;
  start.arch = config.arch;
  start.from = config.from;
  start.layers = config.layers;
  start.input_size = config.input_size;
  start.width = config.width;
  start.seed = config.seed;
  if (start.arch.empty() && start.from.empty()) start.from = pretrained_model().string();
  if (start.layers.empty()) start.layers = stage_ends(spec_of(start), kStudentStages);
  StartingPoint student = make_starting_point(start, std::vector<std::string>(outputs));
  // From 0 on, which is the mean of all targets, the trunk is not torn by a head that knows
  // nothing.
  std::ranges::fill(student.parameters.at(head_of(student.spec) + ".weight").values, 0.0f);
  return student;
}

FeatureNetwork features_of_student(const NetworkSpec& student, const TensorMap& parameters,
                                   const Preprocessing& preprocessing) {
  const std::string features = student.layers.at(student.layers.size() - 3).name;
  NetworkSpec trunk = trunk_of(student, features);
  TensorMap known = parameters_of(trunk, parameters);
  return {.spec = std::move(trunk), .parameters = std::move(known), .preprocessing = preprocessing};
}

void settle_norm(const NetworkSpec& student, TensorMap& parameters) {
  const std::string head = head_of(student), norm = kFeaturesNorm;
  Tensor& weight = parameters.at(head + ".weight");
  Tensor& bias = parameters.at(head + ".bias");
  Tensor& scale = parameters.at(norm + ".weight");
  Tensor& shift = parameters.at(norm + ".bias");
  const std::size_t columns = scale.values.size();
  for (std::size_t row = 0; row < bias.values.size(); ++row)
    for (std::size_t c = 0; c < columns; ++c) {
      float& value = weight.values[row * columns + c];
      bias.values[row] += value * shift.values[c];
      value *= scale.values[c];
    }
  std::ranges::fill(scale.values, 1.0f);
  std::ranges::fill(shift.values, 0.0f);
}

std::vector<std::size_t> drawn_positions(std::size_t size, std::size_t most, std::uint64_t seed) {
  std::vector<std::size_t> positions(size);
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  if (size <= most) return positions;
  Random random = Random(seed).child(seed_tag::kDrawn);
  random.shuffle(positions);
  positions.resize(most);
  std::ranges::sort(positions);
  return positions;
}

}  // namespace steelsight
