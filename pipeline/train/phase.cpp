#include "pipeline/train/phase.hpp"

#include <cmath>

#include "core/seed_tags.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

// Fewer expected errors on validation images can't show that a phase helps.
constexpr double kLeastErrors = 4;

std::string frozen_layer(const NetworkSpec& spec, const std::string& given) {
  if (given.empty()) return "";
  if (given != "features") return find_layer(spec, given);
  return has_layer(spec, kFeaturesLayer) ? kFeaturesLayer : features_layer(spec);
}

// Layers that began to learn in a later phase learn slower.
std::map<std::string, double> rate_factors(const NetworkSpec& spec,
                                           const std::vector<Phase>& so_far, double lower_rate) {
  std::map<std::string, double> factors;
  for (std::size_t i = so_far.size(); i-- > 0;) {
    const std::string& freeze = so_far[i].freeze;
    const NetworkSpec learning = freeze.empty() ? spec : rest_of(spec, freeze);
    for (const LayerSpec& layer : learning.layers)
      factors[layer.name] = std::pow(lower_rate, static_cast<double>(i));
  }
  return factors;
}

}  // namespace

std::string transfer_cut(const NetworkSpec& spec) {
  std::vector<std::string> poolings;
  for (const LayerSpec& layer : spec.layers)
    if (layer.type == LayerType::maxpool) poolings.push_back(layer.name);
  if (poolings.size() < 3) return "";
  const std::string& cut = poolings[poolings.size() - 3];
  return can_be_cut(spec, cut) ? cut : "";
}

std::vector<PhaseConfig> transfer_phases(const TrainConfig& config, const NetworkSpec& spec,
                                         std::size_t validation_images) {
  std::vector<PhaseConfig> phases{{.freeze = "features",
                                   .epochs = config.epochs,
                                   .patience = config.patience,
                                   .learning_rate = config.schedule.learning_rate}};
  const std::string cut = transfer_cut(spec);
  if (!cut.empty() &&
      (config.head == HeadMethod::gradient || validation_images >= kFewestToChooseBy))
    phases.push_back({.freeze = cut,
                      .epochs = (config.epochs + 1) / 2,
                      .patience = config.head == HeadMethod::gradient ? 5 : 0,
                      .learning_rate = config.schedule.learning_rate / 4,
                      .least_errors = kLeastErrors});
  return phases;
}

std::vector<Phase> resolve_phases(const TrainConfig& config, const NetworkSpec& spec) {
  std::vector<PhaseConfig> given = config.phases;
  if (given.empty())
    given.push_back({.freeze = config.freeze,
                     .epochs = config.epochs,
                     .patience = config.patience,
                     .learning_rate = config.schedule.learning_rate});
  std::vector<Phase> phases;
  for (const PhaseConfig& settings : given) {
    const std::size_t index = phases.size();
    Phase& phase =
        phases.emplace_back(Phase{.freeze = frozen_layer(spec, settings.freeze),
                                  .epochs = settings.epochs > 0 ? settings.epochs : config.epochs,
                                  .patience = settings.patience,
                                  .least_errors = settings.least_errors,
                                  .ridge = config.ridge});
    if (!phase.freeze.empty()) rest_of(spec, phase.freeze);  // throws if it can't be
    if (index == 0 && config.head == HeadMethod::least_squares) phase.head = config.head;
    if (phase.head == HeadMethod::least_squares) phase.epochs = 1;
    ScheduleConfig schedule = config.schedule;
    if (settings.learning_rate > 0) schedule.learning_rate = settings.learning_rate;
    phase.learner = {
        .optimizer = config.optimizer,
        .schedule = schedule,
        .loss = config.loss,
        .epochs = phase.epochs,
        .batch_size = config.batch_size,
        .sampling = config.balance == "sampler" ? Sampling::balanced : Sampling::shuffled,
        .random = index == 0 ? Random(config.seed)
                             : Random(config.seed).child(seed_tag::kPhase).child(index),
        .rate_factors = rate_factors(spec, phases, config.lower_rate)};
    // A model's batch norms keep their statistics: those of a small batch differ too much from what
    // the head was found on.
    if (index > 0 && phases.front().head == HeadMethod::least_squares)
      for (const LayerSpec& layer : spec.layers)
        if (layer.type == LayerType::batchnorm) phase.learner.frozen_layers.insert(layer.name);
    if (has_layer(spec, kFeaturesNorm)) phase.learner.frozen_layers.insert(kFeaturesNorm);
  }
  return phases;
}

bool learns_by_least_squares_alone(const std::vector<Phase>& phases) {
  return phases.size() == 1 && phases.front().head == HeadMethod::least_squares;
}

std::vector<PhaseConfig> configs_of(const std::vector<Phase>& phases) {
  std::vector<PhaseConfig> configs;
  for (const Phase& phase : phases)
    configs.push_back({.freeze = phase.freeze,
                       .epochs = phase.epochs,
                       .patience = phase.patience,
                       .learning_rate = phase.learner.schedule.learning_rate,
                       .least_errors = phase.least_errors});
  return configs;
}

}  // namespace steelsight
