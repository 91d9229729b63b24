#include "pipeline/train.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/content_hash.hpp"
#include "core/interrupt.hpp"
#include "datasets/split_file.hpp"
#include "pipeline/accuracy_text.hpp"
#include "pipeline/classifier.hpp"
#include "pipeline/config.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/finish_model.hpp"
#include "pipeline/pretrained.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/starting_point.hpp"
#include "pipeline/training_run.hpp"
#include "pipeline/validation.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

// Of the process so far.
long peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
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

std::vector<std::uint64_t> hashes_of(const ContentHashes& hashes,
                                     const std::vector<std::size_t>& samples) {
  std::vector<std::uint64_t> found;
  for (const std::size_t sample : samples)
    if (hashes[sample]) found.push_back(*hashes[sample]);
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

std::string sizes_text(const Dataset& dataset, const Split& split) {
  return std::to_string(dataset.samples.size()) + (dataset.table ? " rows of " : " images of ") +
         std::to_string(dataset.class_names.size()) + " classes (" +
         std::string(to_string(dataset.layout)) + "): " + std::to_string(split.train.size()) +
         " to train, " + std::to_string(split.validation.size()) + " to validate, " +
         std::to_string(split.test.size()) + " to test";
}

void check_class_weights(const TrainConfig& config, const Dataset& dataset) {
  const std::size_t weights = config.loss.class_weights.size();
  if (weights != 0 && weights != dataset.class_names.size())
    throw ConfigError("/train/loss/class_weights has " + std::to_string(weights) +
                      " numbers, expected one for each of the " +
                      std::to_string(dataset.class_names.size()) + " classes, in sorted order");
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

struct Parts {
  LabelledExamples train, validation, test;
};

// Fills in what the configuration leaves to the data set: where to start from, and in which stages.
StartingPoint choose_start(TrainConfig& config, const Dataset& dataset, const Examples& train) {
  if (dataset.table) {
    if (config.arch.empty() && config.from.empty()) config.arch = "mlp";
    const Scaling scaling = scaling_named(config.scaling, "/train/scaling");
    return make_table_starting_point(config, dataset.class_names, fit_scaling(train, scaling));
  }
  if (config.arch.empty() && config.from.empty()) config.from = pretrained_model().string();
  StartingPoint start = make_starting_point(config, dataset.class_names);
  if (config.arch.empty() && config.stages.empty() && config.freeze.empty())
    config.stages = transfer_stages(config, start.spec);
  return start;
}

struct Prepared {
  const Parts& parts;
  const Preparation& preparation;
};

std::unique_ptr<StageMaker> make_stages(Backend& backend, const TrainConfig& config,
                                        Console& console, const Prepared& prepared) {
  const auto& [parts, preparation] = prepared;
  if (!parts.train.examples.table)
    return std::make_unique<ImageStages>(backend, config, console, image_preparation(preparation),
                                         parts.train, parts.validation);
  const auto rows = [&](const LabelledExamples& part) {
    return LabelledFeatures{.features = scaled_rows(part.examples, table_preparation(preparation)),
                            .labels = part.labels};
  };
  return std::make_unique<TableStages>(backend, config, rows(parts.train), rows(parts.validation));
}

std::string start_text(const TrainConfig& config, const StartingPoint& start) {
  return (config.from.empty() ? config.arch : config.from) + ": " +
         std::to_string(parameter_count(start.spec)) + " parameters, input " +
         to_string(start.spec.input);
}

std::vector<std::uint64_t> joined(std::vector<std::uint64_t> a,
                                  const std::vector<std::uint64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::ranges::sort(a);
  a.erase(std::ranges::unique(a).begin(), a.end());
  return a;
}

Model begin_model(const TrainConfig& config, const Dataset& dataset, const ContentHashes& hashes,
                  const Split& split, StartingPoint& start) {
  Model model;
  model.spec = start.spec;
  model.parameters = std::move(start.parameters);
  model.class_names = dataset.class_names;
  model.preprocessing = to_json(start.preprocessing);
  model.training = start.origin;
  model.training.update({{"seed", config.seed},
                         {"optimizer", to_json(config.optimizer)},
                         {"schedule", to_json(config.schedule)},
                         {"batch_size", config.batch_size},
                         {"loss", to_json(config.loss)}});
  if (!dataset.table) model.training["augmentation"] = to_json(config.augmentation);
  model.trained_images = joined(hashes_of(hashes, split.train), start.trained_images);
  model.validated_images = joined(hashes_of(hashes, split.validation), start.validated_images);
  return model;
}

// All that the result depends on. Where it is written and by how many loader threads doesn't count.
Json identity_of(const Backend& backend, const TrainConfig& config, const Dataset& dataset,
                 const ContentHashes& hashes, const Split& split) {
  Json run = to_json(config);
  for (const char* key : {"resume", "report", "output", "cache", "loader_threads"}) run.erase(key);
  std::string examples;
  for (const auto* part : {&split.train, &split.validation}) {
    for (const std::size_t sample : *part)
      examples +=
          to_hex(hashes[sample].value_or(0)) + std::to_string(*dataset.samples[sample].label) + " ";
    examples += "/";
  }
  return {{"config", run},
          {"images", to_hex(content_hash(examples.data(), examples.size()))},
          {"backend", backend.description()}};
}

std::string last_frozen(const TrainConfig& config, const NetworkSpec& spec) {
  return stages_of(config, spec).back().freeze;
}

Accuracy train_accuracy(const TrainingRun& run, std::size_t images) {
  const double share = run.log().at(static_cast<std::size_t>(run.best_epoch() - 1)).train_accuracy;
  return {.n = images,
          .correct = static_cast<std::size_t>(std::llround(share * static_cast<double>(images)))};
}

}  // namespace

TrainResult train(Backend& backend, const TrainConfig& given, Console& console) {
  const Clock::time_point begin = Clock::now();
  TrainConfig config = given;
  const Dataset dataset = open_dataset(config.dataset);
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  if (dataset.class_names.size() < 2)
    throw DatasetError(config.dataset + ": has " + std::to_string(dataset.class_names.size()) +
                       " class, expected 2 or more");
  check_class_weights(config, dataset);
  const ContentHashes hashes = content_hashes(dataset);
  const Split split = choose_split(config, dataset, hashes);
  console.line(sizes_text(dataset, split));
  if (!split.left_out.empty())
    console.line(std::to_string(split.left_out.size()) + (dataset.table ? " rows" : " images") +
                 " are in no part");
  write_config(beside(config, ".config.json"), "train", to_json(config));
  write_split(beside(config, ".split.json"), dataset, split);
  const Parts parts{.train = labelled_examples_of(dataset, split.train),
                    .validation = labelled_examples_of(dataset, split.validation),
                    .test = labelled_examples_of(dataset, split.test)};
  if (config.balance == "weights")
    config.loss.class_weights = balancing_weights(parts.train.labels, dataset.class_names.size());

  StartingPoint start = choose_start(config, dataset, parts.train.examples);
  for (const std::string& note : start.notes) console.line(note);
  console.line(start_text(config, start) + "; " + backend.description());
  const std::unique_ptr<StageMaker> stages =
      make_stages(backend, config, console, {parts, start.preprocessing});
  TrainingRun run(backend, config, console, *stages,
                  begin_model(config, dataset, hashes, split, start),
                  identity_of(backend, config, dataset, hashes, split));
  run.run();

  TrainResult result{.epochs = static_cast<std::int64_t>(run.log().size()),
                     .best_epoch = run.best_epoch(),
                     .train = {},
                     .validation = {},
                     .test = {},
                     .stopped = interrupted()};
  if (result.stopped) {
    console.line("interrupted: `train --resume` with the same options goes on from here");
    return result;
  }
  console.line(std::to_string(result.epochs) + " epochs in " +
               duration_text(std::chrono::duration<double>(Clock::now() - begin).count()) +
               ", peak memory " + std::to_string(peak_memory_mib()) + " MiB");
  console.line("kept epoch " + std::to_string(result.best_epoch) + " as " + config.output);
  Model model = load_model(config.output);
  // What the last stage did not change is in the cache already.
  const ImageRunOptions images{.loader_threads = config.loader_threads,
                               .cached_layer = dataset.table ? "" : last_frozen(config, model.spec),
                               .cache = config.cache};
  for (const std::string& note :
       finish_model(backend, model, {.train = parts.train, .validation = parts.validation},
                    {.seed = config.seed, .run = images}))
    console.line(note);
  save_model(config.output, model);
  result.train = train_accuracy(run, parts.train.labels.size());
  result.validation = validate(backend, model, parts.validation, images).accuracy;
  print_accuracy(console, "validation", result.validation);
  if (config.report.empty() || split.test.empty()) {
    result.test = validate(backend, model, parts.test, images).accuracy;
  } else {
    const Report report = evaluate_samples(backend, model, dataset, split.test,
                                           {.output = config.report,
                                            .title = "Test part",
                                            .model_file = config.output,
                                            .log = run.log(),
                                            .run = images},
                                           console);
    if (report.metrics) result.test = report.metrics->accuracy;
  }
  print_accuracy(console, "test", result.test);
  fs::remove(beside(config, ".checkpoint.safetensors"));
  return result;
}

}  // namespace steelsight
