#include "pipeline/train/learner.hpp"

#include <algorithm>
#include <cmath>

#include "core/seed_tags.hpp"
#include "datasets/error.hpp"
#include "evaluation/number_text.hpp"
#include "evaluation/training_log.hpp"
#include "models/error.hpp"
#include "models/initializer.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

constexpr float kFirstSlope = 0.25f;  // PReLU's, as He et al. 2015 (arXiv:1502.01852) have it

// Every class in turn hands out its examples, shuffled anew whenever it has run out.
std::vector<std::size_t> balanced(const std::vector<std::size_t>& examples,
                                  const std::vector<int>& labels, const Random& random) {
  std::map<int, std::vector<std::size_t>> classes;
  for (const std::size_t example : examples) classes[labels[example]].push_back(example);
  std::map<int, std::vector<std::size_t>> left;
  std::vector<std::size_t> order;
  for (std::uint64_t round = 0; order.size() < examples.size(); ++round)
    for (const auto& [label, all] : classes) {
      std::vector<std::size_t>& hand = left[label];
      if (hand.empty()) {
        hand = all;
        random.child(round).child(static_cast<std::uint64_t>(label)).shuffle(hand);
      }
      order.push_back(hand.back());
      hand.pop_back();
    }
  order.resize(examples.size());
  return order;
}

}  // namespace

std::int64_t usable_batch(std::int64_t wanted, std::size_t examples) {
  if (examples == 0) throw DatasetError("there are no images to train on");
  return std::min(wanted, static_cast<std::int64_t>(examples));
}

TensorMap initial_parameters(const NetworkSpec& spec, std::uint64_t seed, TensorMap known) {
  using Role = ParameterSpec::Role;
  const Random random = Random(seed).child(seed_tag::kInitialParameters);
  for (const ParameterSpec& parameter : parameter_specs(spec)) {
    if (known.contains(parameter.name)) continue;
    const bool one = parameter.role == Role::scale || parameter.role == Role::running_variance;
    Initializer initializer{.kind = one ? InitializerKind::ones : InitializerKind::zeros};
    if (parameter.role == Role::weight)
      initializer = {.kind = InitializerKind::he_normal, .gain = activation_gain("relu")};
    known[parameter.name] = initialize(initializer, parameter.name, parameter.shape, random);
    if (parameter.role == Role::slope) std::ranges::fill(known[parameter.name].values, kFirstSlope);
  }
  return known;
}

Learner::Learner(Backend& backend, const LearnerConfig& config, const NetworkSpec& spec,
                 TensorMap parameters, LabelledSource source)
    : config_(config),
      source_(std::move(source)),
      batch_size_(
          static_cast<std::size_t>(usable_batch(config.batch_size, source_.examples->size()))),
      steps_an_epoch_(source_.examples->size() / batch_size_),
      network_(backend, spec, std::move(parameters),
               {.batch_size = static_cast<std::int64_t>(batch_size_),
                .frozen_layers = config.frozen_layers}),
      parameter_views_(parameter_views()),
      optimizer_(config.optimizer, parameter_views_),
      schedule_(config.schedule, {.steps_per_epoch = static_cast<std::int64_t>(steps_an_epoch_),
                                  .epochs = config.epochs}) {}

// Biases and batch norms are not shrunk.
std::vector<ParameterView> Learner::parameter_views() {
  std::vector<ParameterView> views;
  for (const auto& [name, gradient] : network_.gradients()) {
    const auto factor = config_.rate_factors.find(layer_of_parameter(name));
    views.push_back(
        {.name = name,
         .value = network_.parameters().at(name).values,
         .gradient = gradient.values,
         .decay = gradient.shape.size() > 1,
         .learning_rate_factor = factor == config_.rate_factors.end() ? 1 : factor->second});
  }
  return views;
}

std::vector<std::size_t> Learner::order(std::int64_t epoch) const {
  std::vector<std::size_t> order;
  for (std::size_t example = 0; example < source_.labels.size(); ++example)
    if (!unreadable_.contains(example)) order.push_back(example);
  const Random random =
      config_.random.child(seed_tag::kOrder).child(static_cast<std::uint64_t>(epoch));
  if (config_.sampling == Sampling::balanced) order = balanced(order, source_.labels, random);
  Random(random).shuffle(order);
  // If the examples that can be read don't fill a batch, some are shown twice.
  for (std::size_t i = 0; !order.empty() && order.size() < batch_size_; ++i)
    order.push_back(order[i]);
  order.resize(order.size() / batch_size_ * batch_size_);
  return order;
}

LossResult Learner::step(const Batch& batch, Random random, double learning_rate) {
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    if (!batch.errors[i].empty()) unreadable_.emplace(batch.items[i], batch.errors[i]);
  std::ranges::copy(batch.planes, network_.input().begin());
  const std::span<const float> outputs = network_.forward(random);
  const LossResult result = config_.objective
                                ? config_.objective(batch, outputs, network_.output_gradient())
                                : loss_on_labels(batch, outputs);
  if (!std::isfinite(result.loss))
    throw ModelError(
        "training diverged: at a learning rate of " + number_text(learning_rate) +
        " the loss is no longer a number; lower schedule/learning_rate, or the phase's "
        "in phases, or set optimizer/clip_norm=1");
  if (result.rows == 0) return result;
  network_.backward();
  optimizer_.step(parameter_views_, learning_rate);
  return result;
}

LossResult Learner::loss_on_labels(const Batch& batch, std::span<const float> logits) {
  std::vector<int> labels;
  for (std::size_t i = 0; i < batch.items.size(); ++i)
    labels.push_back(batch.errors[i].empty() ? source_.labels[batch.items[i]] : kIgnoredLabel);
  return compute_loss(config_.loss, logits, labels, network_.output_gradient());
}

Learner::Epoch Learner::run_epoch(std::int64_t epoch, const Progress& progress) {
  const auto tag = static_cast<std::uint64_t>(epoch);
  source_.examples->start(order(epoch), config_.random.child(seed_tag::kAugmentation).child(tag));
  const Random dropout = config_.random.child(seed_tag::kDropout).child(tag);
  Epoch total;
  double loss = 0, weight = 0, correct = 0;
  for (std::size_t done = 0; const std::optional<Batch> batch = source_.examples->next(); ++done) {
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
  total.accuracy =
      config_.objective ? EpochLog::kNotMeasured : correct / static_cast<double>(total.images);
  return total;
}

Learner::State Learner::state() const {
  return {network_.parameters(), optimizer_.state(), schedule_.state(), unreadable_};
}

void Learner::restore(const State& state) {
  for (auto& [name, tensor] : network_.parameters()) {
    const auto saved = state.parameters.find(name);
    if (saved == state.parameters.end() || saved->second.shape != tensor.shape)
      throw ModelError("the saved state is of another network: '" + name + "' is missing or not " +
                       to_string(tensor.shape));
    std::ranges::copy(saved->second.values, tensor.values.begin());  // parameter_views_ point there
  }
  optimizer_.restore(state.optimizer);
  schedule_.restore(state.schedule, "the saved schedule");
  unreadable_ = state.unreadable;
}

}  // namespace steelsight
