#include "pipeline/learner.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "datasets/error.hpp"
#include "models/error.hpp"
#include "models/initializer.hpp"

namespace steelsight {
namespace {

// Tags of the generators below the run's seed; the split has lower ones.
enum : std::uint64_t { kInitialParameters = 16, kOrder, kAugmentation, kDropout };

std::size_t usable_batch(std::int64_t wanted, std::size_t images) {
  if (images == 0) throw DatasetError("there are no images to train on");
  return std::min(static_cast<std::size_t>(wanted), images);
}

}  // namespace

TensorMap initial_parameters(const NetworkSpec& spec, std::uint64_t seed) {
  using Role = ParameterSpec::Role;
  const Random random = Random(seed).child(kInitialParameters);
  TensorMap parameters;
  for (const ParameterSpec& parameter : parameter_specs(spec)) {
    const bool one = parameter.role == Role::scale || parameter.role == Role::running_variance;
    Initializer initializer{.kind = one ? InitializerKind::ones : InitializerKind::zeros};
    if (parameter.role == Role::weight)
      initializer = {.kind = InitializerKind::he_normal, .gain = activation_gain("relu")};
    parameters[parameter.name] = initialize(initializer, parameter.name, parameter.shape, random);
  }
  return parameters;
}

Learner::Learner(Backend& backend, const TrainConfig& config, const Architecture& architecture,
                 LabelledImages images)
    : loss_(config.loss),
      random_(config.seed),
      images_(std::move(images)),
      batch_size_(usable_batch(config.batch_size, images_.paths.size())),
      steps_an_epoch_(images_.paths.size() / batch_size_),
      loader_(images_.paths, architecture.preprocessing,
              {.batch_size = batch_size_,
               .threads = config.loader_threads,
               .augmentation = config.augmentation}),
      network_(backend, architecture.spec, initial_parameters(architecture.spec, config.seed),
               {.batch_size = static_cast<std::int64_t>(batch_size_)}),
      views_(views()),
      optimizer_(config.optimizer, views_),
      schedule_(config.schedule, {.steps_per_epoch = static_cast<std::int64_t>(steps_an_epoch_),
                                  .epochs = config.epochs}) {}

// Biases and batch norms are not shrunk.
std::vector<ParameterView> Learner::views() {
  std::vector<ParameterView> views;
  for (const auto& [name, gradient] : network_.gradients())
    views.push_back({.name = name,
                     .value = network_.parameters().at(name).values,
                     .gradient = gradient.values,
                     .decay = gradient.shape.size() > 1});
  return views;
}

std::vector<std::size_t> Learner::order(std::int64_t epoch) const {
  std::vector<std::size_t> order;
  for (std::size_t image = 0; image < images_.paths.size(); ++image)
    if (!unreadable_.contains(image)) order.push_back(image);
  random_.child(kOrder).child(static_cast<std::uint64_t>(epoch)).shuffle(order);
  order.resize(order.size() / batch_size_ * batch_size_);
  return order;
}

LossResult Learner::step(const Batch& batch, Random random, double learning_rate) {
  std::vector<int> labels;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    const std::size_t image = batch.items[i];
    const bool readable = batch.errors[i].empty();
    if (!readable) unreadable_.emplace(image, batch.errors[i]);
    labels.push_back(readable ? images_.labels[image] : kIgnoredLabel);
  }
  std::ranges::copy(batch.planes, network_.input().begin());
  const std::span<const float> logits = network_.forward(random);
  const LossResult result = compute_loss(loss_, logits, labels, network_.output_gradient());
  if (!std::isfinite(result.loss))
    throw ModelError(
        "training diverged: the loss is no longer a number; lower "
        "/train/schedule/learning_rate or set /train/optimizer/clip_norm=1");
  if (result.rows == 0) return result;
  network_.backward();
  optimizer_.step(views_, learning_rate);
  return result;
}

Learner::Epoch Learner::run_epoch(
    std::int64_t epoch, const std::function<bool(std::size_t images, double loss)>& progress) {
  const auto tag = static_cast<std::uint64_t>(epoch);
  loader_.start(order(epoch), random_.child(kAugmentation).child(tag));
  const Random dropout = random_.child(kDropout).child(tag);
  Epoch total;
  double loss = 0, weight = 0, correct = 0;
  for (std::size_t done = 0; const std::optional<Batch> batch = loader_.next(); ++done) {
    const auto step_index =
        epoch * static_cast<std::int64_t>(steps_an_epoch_) + static_cast<std::int64_t>(done);
    total.learning_rate = schedule_.learning_rate(step_index);
    const LossResult result = step(*batch, dropout.child(done), total.learning_rate);
    loss += result.loss * result.weight;
    weight += result.weight;
    correct += static_cast<double>(result.correct);
    total.images += static_cast<std::size_t>(result.rows);
    if (!progress((done + 1) * batch_size_, weight > 0 ? loss / weight : 0)) break;
  }
  if (total.images == 0)
    throw DatasetError(
        "none of the training images could be read" +
        (unreadable_.empty() ? std::string() : "; the first: " + unreadable_.begin()->second));
  total.loss = weight > 0 ? loss / weight : 0;
  total.accuracy = correct / static_cast<double>(total.images);
  return total;
}

}  // namespace steelsight
