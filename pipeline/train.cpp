#include "pipeline/train.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "core/content_hash.hpp"
#include "datasets/split_file.hpp"
#include "pipeline/accuracy_text.hpp"
#include "pipeline/classifier.hpp"
#include "pipeline/config.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/interrupt.hpp"
#include "pipeline/learner.hpp"
#include "pipeline/report/number_text.hpp"
#include "pipeline/report/training_log.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

// Of the process so far.
long peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

// MODEL.safetensors -> MODEL<suffix>
fs::path beside(const TrainConfig& config, const std::string& suffix) {
  fs::path file = config.output;
  return file.replace_extension().string() + suffix;
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

LabelledImages images_of(const Dataset& dataset, const std::vector<std::size_t>& samples) {
  LabelledImages images;
  for (const std::size_t sample : samples) {
    images.paths.push_back(dataset.samples[sample].path);
    images.labels.push_back(static_cast<int>(*dataset.samples[sample].label));
  }
  return images;
}

struct Validation {
  Accuracy accuracy;
  double loss = EpochLog::kNotMeasured;
};

// Accuracy and mean cross-entropy of the images that can be read.
Validation validate(Backend& backend, const Model& model, const LabelledImages& images) {
  Validation result;
  if (images.paths.empty()) return result;
  double loss = 0;
  Classifier(backend, model, {}).run(images.paths, [&](const Classification& c) {
    if (!c.error.empty()) return;
    const auto label = static_cast<std::size_t>(images.labels[c.item]);
    constexpr double kSmallest = 1e-30;
    loss -= std::log(std::max(static_cast<double>(c.probabilities[label]), kSmallest));
    ++result.accuracy.n;
    result.accuracy.correct += c.best() == label;
  });
  if (result.accuracy.n > 0) result.loss = loss / static_cast<double>(result.accuracy.n);
  return result;
}

std::string percent_or_dash(double share) {
  return std::isnan(share) ? "-" : percent_text(share, 2);
}

std::string three_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return std::isnan(value) ? "-" : text;
}

class TrainingRun {
 public:
  TrainingRun(Backend& backend, const TrainConfig& config, Console& console, const Dataset& dataset,
              const ContentHashes& hashes, const Split& split)
      : backend_(backend),
        config_(config),
        console_(console),
        validation_(images_of(dataset, split.validation)),
        architecture_(make_architecture(
            config.arch, {.classes = static_cast<std::int64_t>(dataset.class_names.size()),
                          .input_size = config.input_size,
                          .width = config.width,
                          .dropout = config.dropout})),
        learner_(backend, config, architecture_, images_of(dataset, split.train)) {
    model_.spec = architecture_.spec;
    model_.class_names = dataset.class_names;
    model_.preprocessing = to_json(architecture_.preprocessing);
    model_.trained_images = hashes_of(hashes, split.train);
    model_.validated_images = hashes_of(hashes, split.validation);
    console_.line(config.arch + ": " + std::to_string(parameter_count(model_.spec)) +
                  " parameters, input " + to_string(model_.spec.input) + "; " +
                  backend.description());
  }

  // Until the epochs are over, patience is, or the user's is.
  void run() {
    while (static_cast<std::int64_t>(log_.size()) < config_.epochs && !interrupted()) {
      try {
        run_epoch();
      } catch (const Interrupted&) {
        break;
      }
      const auto since_best = static_cast<std::int64_t>(log_.size()) - best_epoch_;
      if (config_.patience > 0 && since_best >= config_.patience) {
        console_.line("no better epoch in the last " + std::to_string(config_.patience) +
                      ": stopping early");
        break;
      }
    }
    if (interrupted()) keep_what_was_learned();
  }

  const std::vector<EpochLog>& log() const { return log_; }
  std::int64_t best_epoch() const { return best_epoch_; }

 private:
  void run_epoch() {
    const Clock::time_point begin = Clock::now();
    const auto seconds = [&] {
      return std::chrono::duration<double>(Clock::now() - begin).count();
    };
    const auto number = static_cast<std::int64_t>(log_.size()) + 1;
    const std::string title =
        "epoch " + std::to_string(number) + "/" + std::to_string(config_.epochs);
    console_.start(title, learner_.images_an_epoch());
    const Learner::Epoch learned =
        learner_.run_epoch(number - 1, [&](std::size_t images, double loss) {
          console_.update(images, "loss " + three_digits(loss));
          return !interrupted();
        });
    if (interrupted()) throw Interrupted("interrupted in the middle of an epoch");
    const double images_a_second = static_cast<double>(learned.images) / seconds();
    warn_of_unreadable();

    model_.parameters = learner_.parameters();
    model_.training = describe(number);
    const Validation validated = validate(backend_, model_, validation_);
    learner_.on_validation(validated.loss);
    log_.push_back({.epoch = static_cast<int>(number),
                    .learning_rate = learned.learning_rate,
                    .train_loss = learned.loss,
                    .train_accuracy = learned.accuracy,
                    .validation_loss = validated.loss,
                    .validation_accuracy = validated.accuracy.n > 0 ? validated.accuracy.value()
                                                                    : EpochLog::kNotMeasured,
                    .seconds = seconds()});
    save(number);
    console_.finish();
    const double left = seconds() * static_cast<double>(config_.epochs - number);
    console_.line(title + "  loss " + three_digits(learned.loss) + "  accuracy " +
                  percent_text(learned.accuracy, 2) + "  validation loss " +
                  three_digits(validated.loss) + "  accuracy " +
                  percent_or_dash(log_.back().validation_accuracy) + "  " +
                  std::to_string(std::lround(images_a_second)) + " images/s  " +
                  duration_text(left) + " left" + (best_epoch_ == number ? "  *" : ""));
  }

  // The unfinished epoch counts as the last; it is also the best as long as no other is known.
  void keep_what_was_learned() {
    console_.finish();
    console_.line("interrupted: keeping what was learned so far");
    model_.parameters = learner_.parameters();
    model_.training = describe(static_cast<std::int64_t>(log_.size()) + 1);
    save_model(beside(config_, ".last.safetensors"), model_);
    if (log_.empty()) save_model(config_.output, model_);
  }

  // Once: from then on they are left out.
  void warn_of_unreadable() {
    if (warned_ || learner_.unreadable().empty()) return;
    warned_ = true;
    console_.finish();
    console_.warning(std::to_string(learner_.unreadable().size()) +
                     " training images can't be read and are left out; the first: " +
                     learner_.unreadable().begin()->second);
  }

  // Nothing that differs from one run with this seed to the next.
  Json describe(std::int64_t epoch) const {
    return Json{{"arch", config_.arch},
                {"epoch", epoch},
                {"seed", config_.seed},
                {"optimizer", to_json(config_.optimizer)},
                {"schedule", to_json(config_.schedule)},
                {"batch_size", config_.batch_size},
                {"loss", to_json(config_.loss)},
                {"augmentation", to_json(config_.augmentation)}};
  }

  // Without a validation part the newest epoch is the best known.
  void save(std::int64_t number) {
    const std::optional<std::size_t> best = steelsight::best_epoch(log_);
    best_epoch_ = best ? log_[*best].epoch : number;
    save_model(beside(config_, ".last.safetensors"), model_);
    if (best_epoch_ == number) save_model(config_.output, model_);
    write_training_log(beside(config_, ".log.csv"), log_);
  }

  Backend& backend_;
  const TrainConfig& config_;
  Console& console_;
  const LabelledImages validation_;
  const Architecture architecture_;
  Learner learner_;
  Model model_;
  std::vector<EpochLog> log_;
  std::int64_t best_epoch_ = 0;
  bool warned_ = false;
};

std::string sizes_text(const Dataset& dataset, const Split& split) {
  return std::to_string(dataset.samples.size()) + " images of " +
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

}  // namespace

TrainResult train(Backend& backend, const TrainConfig& config, Console& console) {
  const Clock::time_point begin = Clock::now();
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
    console.line(std::to_string(split.left_out.size()) + " images are in no part");
  write_config(beside(config, ".config.json"), "train", to_json(config));
  write_split(beside(config, ".split.json"), dataset, split);

  TrainingRun run(backend, config, console, dataset, hashes, split);
  run.run();

  TrainResult result{.epochs = static_cast<std::int64_t>(run.log().size()),
                     .best_epoch = run.best_epoch(),
                     .validation = {},
                     .test = {},
                     .stopped = interrupted()};
  if (result.stopped) return result;
  console.line(std::to_string(result.epochs) + " epochs in " +
               duration_text(std::chrono::duration<double>(Clock::now() - begin).count()) +
               ", peak memory " + std::to_string(peak_memory_mib()) + " MiB");
  console.line("kept epoch " + std::to_string(result.best_epoch) + " as " + config.output);
  const Model model = load_model(config.output);
  result.validation = validate(backend, model, images_of(dataset, split.validation)).accuracy;
  print_accuracy(console, "validation", result.validation);
  if (config.report.empty() || split.test.empty()) {
    result.test = validate(backend, model, images_of(dataset, split.test)).accuracy;
  } else {
    const Report report = evaluate_samples(
        backend, model, dataset, split.test,
        {.output = config.report, .title = "Test part", .log = run.log()}, console);
    if (report.metrics) result.test = report.metrics->accuracy;
  }
  print_accuracy(console, "test", result.test);
  return result;
}

}  // namespace steelsight
