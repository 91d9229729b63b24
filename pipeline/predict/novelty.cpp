#include "pipeline/predict/novelty.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include "core/random.hpp"
#include "core/seed_tags.hpp"

namespace steelsight {
namespace {

struct Moments {
  double mean = 0, deviation = 0;
};

Moments moments(const FeatureMemory& memory, std::size_t d) {
  const auto n = static_cast<double>(memory.size());
  Moments result;
  for (std::size_t i = 0; i < memory.size(); ++i) result.mean += memory.row(i)[d] / n;
  double variance = 0;
  for (std::size_t i = 0; i < memory.size(); ++i)
    variance += std::pow(memory.row(i)[d] - result.mean, 2) / n;
  result.deviation = std::sqrt(variance);
  return result;
}

// Rounding alone lets equal values deviate from their mean.
bool varies(const Moments& m, std::size_t n) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  return m.deviation > static_cast<double>(n) * kEpsilon * std::abs(m.mean);
}

}  // namespace

Novelty::Novelty(const FeatureMemory& memory) {
  if (memory.empty()) throw std::invalid_argument("Novelty: the memory is empty");
  for (std::size_t d = 0; d < static_cast<std::size_t>(memory.dimension); ++d) {
    const Moments m = moments(memory, d);
    mean_.push_back(static_cast<float>(m.mean));
    scale_.push_back(varies(m, memory.size()) ? static_cast<float>(1 / m.deviation) : 1.0f);
  }
  known_.resize(memory.size() * mean_.size());
  for (std::size_t i = 0; i < memory.size(); ++i) {
    const std::vector<float> row = direction(memory.row(i));
    for (std::size_t d = 0; d < row.size(); ++d) known_[d * memory.size() + i] = row[d];
  }
}

// A vector in the middle of all has no direction and stays 0: a distance of 1 to any.
std::vector<float> Novelty::direction(std::span<const float> feature) const {
  if (feature.size() != mean_.size())
    throw std::invalid_argument("Novelty: a vector of " + std::to_string(feature.size()) +
                                ", expected " + std::to_string(mean_.size()));
  std::vector<float> result(feature.size());
  double squares = 0;
  for (std::size_t d = 0; d < feature.size(); ++d) {
    result[d] = (feature[d] - mean_[d]) * scale_[d];
    squares += static_cast<double>(result[d]) * static_cast<double>(result[d]);
  }
  if (squares > 0)
    for (float& value : result) value = static_cast<float>(value / std::sqrt(squares));
  return result;
}

// To each known vector. Feature after feature for all at once, which the compiler makes wide
// instructions of.
std::vector<float> Novelty::cosines(std::span<const float> direction) const {
  const std::size_t n = known_.size() / direction.size();
  std::vector<float> cosines(n, 0.0f);
  for (std::size_t d = 0; d < direction.size(); ++d)
    for (std::size_t i = 0; i < n; ++i) cosines[i] += direction[d] * known_[d * n + i];
  return cosines;
}

float Novelty::distance(std::span<const float> feature) const {
  return std::max(0.0f, 1 - std::ranges::max(cosines(direction(feature))));
}

float Novelty::distance_of(std::size_t i) const {
  const std::size_t n = known_.size() / mean_.size();
  std::vector<float> own;
  for (std::size_t d = 0; d < mean_.size(); ++d) own.push_back(known_[d * n + i]);
  std::vector<float> others = cosines(own);
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
  return std::max(0.0f, 1 - std::ranges::max(others));
}

std::vector<float> distances_within(const FeatureMemory& memory) {
  std::vector<float> distances;
  if (memory.size() < 2) return distances;
  const Novelty novelty(memory);
  for (std::size_t i = 0; i < memory.size(); ++i) distances.push_back(novelty.distance_of(i));
  return distances;
}

std::optional<float> novelty_threshold(std::span<const float> distances, double false_alarms) {
  if (!(false_alarms >= 0 && false_alarms < 1))
    throw std::invalid_argument("novelty_threshold: rate " + std::to_string(false_alarms) +
                                ", expected 0 or more and less than 1");
  constexpr double kRounding = 1e-9;  // 20 x 0.05 is 1
  const double beyond =
      std::floor(false_alarms * (static_cast<double>(distances.size()) + 1) + kRounding);
  if (beyond < 1 || distances.empty()) return std::nullopt;
  return distances[distances.size() - std::min(static_cast<std::size_t>(beyond), distances.size())];
}

std::vector<std::size_t> select_per_class(std::span<const int> labels, std::size_t per_class,
                                          std::uint64_t seed) {
  std::map<int, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(i);
  const Random random = Random(seed).child(seed_tag::kSelection);
  std::vector<std::size_t> selected;
  for (auto& [label, examples] : members) {
    random.child(static_cast<std::uint64_t>(label)).shuffle(examples);
    examples.resize(std::min(examples.size(), per_class));
    selected.insert(selected.end(), examples.begin(), examples.end());
  }
  std::ranges::sort(selected);
  return selected;
}

}  // namespace steelsight
