#include "pipeline/train/plan.hpp"

#include <algorithm>

#include "core/content_hash.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/split_file.hpp"
#include "pipeline/command/pretrained.hpp"
#include "pipeline/features/learnable.hpp"
#include "pipeline/features/unreadable.hpp"
#include "pipeline/train/starting_point.hpp"

namespace steelsight {
namespace {

void check_class_weights(const TrainConfig& config, const Dataset& dataset) {
  const std::size_t weights = config.loss.class_weights.size();
  if (weights != 0 && weights != dataset.class_names.size())
    throw ConfigError("/train/loss/class_weights has " + std::to_string(weights) +
                      " numbers, expected one for each of the " +
                      std::to_string(dataset.class_names.size()) + " classes, in sorted order");
}

Dataset open_training_set(const TrainConfig& config, Console& console) {
  Dataset dataset = open_dataset(config.dataset);
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  check_class_weights(config, dataset);
  return dataset;
}

Split choose_split(const TrainConfig& config, const Dataset& dataset, const ContentHashes& hashes) {
  if (!config.split.empty()) return read_split(config.split, dataset);
  if (config.folds > 0) {
    const std::vector<Split> folds = make_folds(dataset, hashes,
                                                {.k = static_cast<std::size_t>(config.folds),
                                                 .validation = config.validation,
                                                 .seed = config.seed});
    return folds[static_cast<std::size_t>(config.fold)];
  }
  return make_split(dataset, hashes,
                    {.validation = config.validation, .test = config.test, .seed = config.seed});
}

// What "auto" stands for.
void resolve_automatic(TrainConfig& config, bool table) {
  const bool left_open = !table && config.arch.empty() && config.freeze.empty() &&
                         config.phases.empty() && config.layers.empty();
  if (config.head == HeadMethod::automatic)
    config.head = left_open ? HeadMethod::least_squares : HeadMethod::gradient;
  const bool weighs = config.head == HeadMethod::least_squares &&
                      config.loss.kind == LossKind::cross_entropy &&
                      config.loss.class_weights.empty();
  if (config.balance == "auto") config.balance = weighs ? "weights" : "none";
}

// Where to start from. Fills in what the configuration leaves to the data set.
StartingPoint choose_start(TrainConfig& config, const Dataset& dataset, const Split& split) {
  resolve_automatic(config, dataset.table != nullptr);
  if (dataset.table) {
    if (config.arch.empty() && config.from.empty()) config.arch = "mlp";
    const Scaling scaling = scaling_named(config.scaling, "/train/scaling");
    return make_table_starting_point(config, dataset.class_names,
                                     fit_scaling(examples_of(dataset, split.train), scaling));
  }
  if (config.arch.empty() && config.from.empty()) config.from = pretrained_model().string();
  StartingPoint start = make_starting_point(config, dataset.class_names);
  if (!start.layers.empty()) config.layers = start.layers;
  return start;
}

// The inverse of each class's share, so that all count alike; 1 on average over the images.
std::vector<double> balancing_weights(const std::vector<int>& labels, std::size_t classes) {
  std::vector<double> counts(classes, 0);
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  for (double& count : counts)
    if (count > 0)
      count = static_cast<double>(labels.size()) / (static_cast<double>(classes) * count);
  return counts;
}

void require_frozen_layer(const TrainConfig& config, const Phase& first, bool table) {
  if (config.head != HeadMethod::least_squares || (!table && !first.freeze.empty())) return;
  throw ConfigError("/train/head is least_squares, expected gradient " +
                    std::string(table ? "for a table"
                                      : "where the first phase has no frozen layer, or --freeze "
                                        "features, behind which least squares finds the head"));
}

std::vector<Phase> choose_phases(TrainConfig& config, const NetworkSpec& spec,
                                 std::size_t validation_images) {
  if (config.arch.empty() && config.phases.empty() && config.freeze.empty())
    config.phases = transfer_phases(config, spec, validation_images);
  std::vector<Phase> phases = resolve_phases(config, spec);
  config.phases = configs_of(phases);
  config.freeze.clear();
  return phases;
}

// Few validation images tell little, and least squares alone needs none: they join the training
// part, unless the user or the data set has said that they are for validation.
void learn_from_few(Split& split, const TrainConfig& config, const Dataset& dataset) {
  if (!config.split.empty() || split.validation.size() >= kFewestToChooseBy) return;
  std::vector<std::size_t> declared;
  for (const std::size_t sample : split.validation)
    (dataset.samples[sample].part == Part::validation ? declared : split.train).push_back(sample);
  std::ranges::sort(split.train);
  split.validation = std::move(declared);
}

std::vector<std::uint64_t> joined(std::vector<std::uint64_t> a, const ContentHashes& hashes,
                                  const std::vector<std::size_t>& samples) {
  for (const std::size_t sample : samples)
    if (hashes[sample]) a.push_back(*hashes[sample]);
  std::ranges::sort(a);
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

Model begin_model(const TrainPlan& plan, const ContentHashes& hashes, const LossConfig& loss,
                  StartingPoint start) {
  const TrainConfig& config = plan.config;
  Model model;
  model.spec = std::move(start.spec);
  model.parameters = std::move(start.parameters);
  model.class_names = plan.dataset.class_names;
  model.preprocessing = to_json(start.preprocessing);
  model.training = std::move(start.origin);
  model.training.update({{"seed", config.seed},
                         {"optimizer", to_json(config.optimizer)},
                         {"schedule", to_json(config.schedule)},
                         {"batch_size", config.batch_size},
                         {"loss", to_json(loss)}});
  if (!plan.dataset.table) model.training["augmentation"] = to_json(config.augmentation);
  model.trained_images = joined(std::move(start.trained_images), hashes, plan.split.train);
  model.validated_images = joined(std::move(start.validated_images), hashes, plan.split.validation);
  return model;
}

// A hash of the network that the run begins with, whatever file it came from.
std::string hash_of_start(const Model& model) {
  std::string all = to_json(model.spec).dump() + model.preprocessing.dump();
  all += fingerprint(model.parameters);
  for (const std::uint64_t hash : model.trained_images) all += to_hex(hash);
  for (const std::uint64_t hash : model.validated_images) all += to_hex(hash);
  return to_hex(content_hash(all.data(), all.size()));
}

RunIdentity identify(const Backend& backend, const TrainPlan& plan, const ContentHashes& hashes) {
  RunIdentity identity{.key = {{"config", settings_of(plan.config)},
                               {"classes", plan.dataset.class_names},
                               {"start", hash_of_start(plan.model)},
                               {"backend", backend.description()}}};
  for (const Part part : {Part::train, Part::validation})
    for (const std::size_t i : samples_in(plan.split, part)) {
      const Sample& sample = plan.dataset.samples[i];
      identity.examples[sample.name] = std::string(to_string(part)) + " " +
                                       plan.dataset.class_names[*sample.label] + " " +
                                       to_hex(hashes[i].value_or(0));
    }
  return identity;
}

void print_sizes(const Dataset& dataset, const Split& split, Console& console) {
  const char* unit = dataset.table ? " rows" : " images";
  console.line(std::to_string(dataset.samples.size()) + unit + " of " +
               std::to_string(dataset.class_names.size()) + " classes (" +
               std::string(to_string(dataset.layout)) + "): " + std::to_string(split.train.size()) +
               " to train, " + std::to_string(split.validation.size()) + " to validate, " +
               std::to_string(split.test.size()) + " to test");
  if (!split.left_out.empty())
    console.line(std::to_string(split.left_out.size()) + unit + " are in no part");
}

std::string start_text(const TrainPlan& plan, const Backend& backend) {
  const NetworkSpec& spec = plan.model.spec;
  return (plan.config.from.empty() ? plan.config.arch : plan.config.from) + ": " +
         std::to_string(parameter_count(spec)) + " parameters, input " + to_string(spec.input) +
         "; " + backend.description();
}

}  // namespace

Json settings_of(const TrainConfig& config) {
  Json settings = train_fields().write(config);
  for (const char* path : {"dataset", "output", "report", "split", "from", "weights", "cache"})
    settings.erase(path);
  for (const char* no_matter : {"resume", "loader_threads"}) settings.erase(no_matter);
  if (config.arch.ends_with(".json")) settings.erase("arch");
  return settings;
}

TrainPlan make_plan(const Backend& backend, const TrainConfig& config, Console& console) {
  TrainPlan plan;
  plan.config = config;
  plan.dataset = open_training_set(config, console);
  const ContentHashes hashes = content_hashes(plan.dataset, console.stop());
  plan.split = choose_split(config, plan.dataset, hashes);
  StartingPoint start = choose_start(plan.config, plan.dataset, plan.split);
  require_learnable(plan.dataset, plan.split);
  plan.preparation = start.preprocessing;
  leave_out_unreadable(plan.split, plan.dataset, plan.preparation,
                       {.threads = static_cast<std::size_t>(backend.threads())}, console);
  plan.phases = choose_phases(plan.config, start.spec, plan.split.validation.size());
  if (learns_by_least_squares_alone(plan.phases)) learn_from_few(plan.split, config, plan.dataset);
  print_sizes(plan.dataset, plan.split, console);

  plan.train = labelled_examples_of(plan.dataset, plan.split.train);
  plan.validation = labelled_examples_of(plan.dataset, plan.split.validation);
  plan.test = labelled_examples_of(plan.dataset, plan.split.test);
  LossConfig loss = config.loss;
  if (plan.config.balance == "weights")
    loss.class_weights = balancing_weights(plan.train.labels, plan.dataset.class_names.size());
  for (Phase& phase : plan.phases) phase.learner.loss = loss;
  require_frozen_layer(plan.config, plan.phases.front(), plan.dataset.table != nullptr);
  for (const std::string& note : start.notes) console.line(note);
  plan.model = begin_model(plan, hashes, loss, std::move(start));
  plan.identity = identify(backend, plan, hashes);
  plan.model.training["run"] = plan.identity.digest();
  console.line(start_text(plan, backend));
  return plan;
}

}  // namespace steelsight
