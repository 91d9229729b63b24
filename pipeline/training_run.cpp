#include "pipeline/training_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "core/interrupt.hpp"
#include "pipeline/report/number_text.hpp"

namespace steelsight {
namespace {

std::string percent_or_dash(double share) {
  return std::isnan(share) ? "-" : percent_text(share, 2);
}

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return std::isnan(value) ? "-" : text;
}

// The first key, as a JSON pointer, in which the two differ.
std::string first_difference(const Json& a, const Json& b) {
  const Json patch = Json::diff(a, b);
  return patch.empty() ? "" : patch.at(0).at("path").get<std::string>();
}

}  // namespace

fs::path beside(const TrainConfig& config, const std::string& suffix) {
  fs::path file = config.output;
  return file.replace_extension().string() + suffix;
}

TrainingRun::TrainingRun(Backend& backend, const TrainConfig& config, Console& console,
                         StageMaker& stages, Model model, Json identity)
    : backend_(backend),
      config_(config),
      console_(console),
      stage_maker_(stages),
      model_(std::move(model)),
      training_(model_.training),
      stages_(stages_of(config, model_.spec)) {
  for (const ResolvedStage& stage : stages_) total_epochs_ += stage.epochs;
  checkpoint_.identity = std::move(identity);
}

std::int64_t TrainingRun::best_epoch() const {
  if (log().empty()) return 0;
  // Without a validation part the newest epoch is the best known.
  const std::optional<std::size_t> best = steelsight::best_epoch(log());
  return best ? log()[*best].epoch : log().back().epoch;
}

void TrainingRun::run() {
  const fs::path file = beside(config_, ".checkpoint.safetensors");
  if (config_.resume && fs::exists(file)) {
    Checkpoint saved = load_checkpoint(file);
    const std::string difference = first_difference(saved.identity, checkpoint_.identity);
    if (!difference.empty())
      throw ConfigError(file.string() + " is of a run that differs in " + difference +
                        ": resume with the configuration it was begun with, or begin anew "
                        "without --resume");
    checkpoint_ = std::move(saved);
    backend_.use_kernels(checkpoint_.kernels);
    console_.line("going on behind epoch " + std::to_string(log().size()));
  } else if (config_.resume && fs::exists(config_.output)) {
    console_.line(config_.output + " is complete: there is nothing to resume");
    checkpoint_.log = read_training_log(beside(config_, ".log.csv"));
    return;
  } else {
    save_checkpoint(file, checkpoint_);
  }
  for (std::size_t index = checkpoint_.stage; index < stages_.size() && !interrupted(); ++index)
    run_stage(index);
}

void TrainingRun::run_stage(std::size_t index) {
  const ResolvedStage& config = stages_[index];
  const bool resumed = checkpoint_.learner && checkpoint_.stage == index;
  if (!resumed) checkpoint_.epoch = 0;
  if (resumed && is_over(config)) return;
  checkpoint_.stage = index;
  if (stages_.size() > 1)
    console_.line("stage " + std::to_string(index + 1) + "/" + std::to_string(stages_.size()) +
                  (config.freeze.empty() ? ": the whole network learns"
                                         : ": what follows " + config.freeze + " learns"));
  // Each stage goes on from the best that is known.
  if (best_epoch() > 0) model_.parameters = load_model(config_.output).parameters;
  Stage stage = stage_maker_.make(index, {.spec = model_.spec, .parameters = model_.parameters});
  if (resumed) stage.learner->restore(*checkpoint_.learner);
  while (checkpoint_.epoch < config.epochs && !interrupted()) {
    try {
      run_epoch(stage);
    } catch (const Interrupted&) {
      break;
    }
    if (is_over(config)) break;
  }
}

bool TrainingRun::is_over(const ResolvedStage& stage) const {
  if (checkpoint_.epoch == stage.epochs) return true;
  if (patience_is_over(stage)) {
    console_.line("no better epoch in the last " + std::to_string(stage.patience) +
                  ": this stage ends early");
    return true;
  }
  if (!has_converged()) return false;
  console_.line("the training loss has converged: this stage ends early");
  return true;
}

// Epochs of this stage since its best one, or since its begin.
bool TrainingRun::patience_is_over(const ResolvedStage& stage) const {
  if (stage.patience == 0) return false;
  const auto last = static_cast<std::int64_t>(log().size());
  const std::int64_t begin = last - checkpoint_.epoch;
  return last - std::max(best_epoch(), begin) >= stage.patience;
}

bool TrainingRun::has_converged() const {
  if (config_.tolerance == 0 || checkpoint_.epoch <= kConvergenceEpochs) return false;
  const auto lowest = [&](auto first, auto last) {
    return std::ranges::min(std::ranges::subrange(first, last), {}, &EpochLog::train_loss)
        .train_loss;
  };
  const auto recent = log().end() - kConvergenceEpochs;
  return lowest(recent, log().end()) >
         lowest(log().end() - checkpoint_.epoch, recent) - config_.tolerance;
}

void TrainingRun::run_epoch(Stage& stage) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  Learner& learner = *stage.learner;
  const auto number = static_cast<int>(log().size()) + 1;
  console_.start("epoch " + std::to_string(number) + "/" + std::to_string(total_epochs_),
                 learner.images_an_epoch());
  const Learner::Epoch learned =
      stage.learn(checkpoint_.epoch, [&](std::size_t images, double loss) {
        console_.update(images, "loss " + four_digits(loss));
        return !interrupted();
      });
  if (interrupted()) throw Interrupted("interrupted in the middle of an epoch");
  const double images_a_second = static_cast<double>(learned.images) / seconds();
  warn_of_unreadable(learner);
  const Validation validated = stage.validate();
  learner.on_validation(validated.loss);
  checkpoint_.log.push_back({.epoch = number,
                             .learning_rate = learned.learning_rate,
                             .train_loss = learned.loss,
                             .train_accuracy = learned.accuracy,
                             .validation_loss = validated.loss,
                             .validation_accuracy = validated.accuracy.n > 0
                                                        ? validated.accuracy.value()
                                                        : EpochLog::kNotMeasured,
                             .seconds = seconds()});
  ++checkpoint_.epoch;
  keep(stage);
  console_.finish();
  console_.line(progress_text(images_a_second));
}

// The checkpoint comes last: a run that is killed before it repeats the epoch, and writes the same.
void TrainingRun::keep(Stage& stage) {
  if (best_epoch() == log().back().epoch) {
    model_.parameters = stage.learner->parameters();
    model_.parameters.insert(stage.frozen.begin(), stage.frozen.end());
    model_.training = describe();
    save_model(config_.output, model_);
  }
  write_training_log(beside(config_, ".log.csv"), log());
  checkpoint_.learner = stage.learner->state();
  for (const auto& [convolution, timing] : backend_.kernels_used())
    checkpoint_.kernels[convolution] = timing;
  save_checkpoint(beside(config_, ".checkpoint.safetensors"), checkpoint_);
}

std::string TrainingRun::progress_text(double images_a_second) const {
  const EpochLog& last = log().back();
  const double left = last.seconds * static_cast<double>(total_epochs_ - last.epoch);
  return "epoch " + std::to_string(last.epoch) + "/" + std::to_string(total_epochs_) + "  loss " +
         four_digits(last.train_loss) + "  accuracy " + percent_text(last.train_accuracy, 2) +
         "  validation loss " + four_digits(last.validation_loss) + "  accuracy " +
         percent_or_dash(last.validation_accuracy) + "  " +
         std::to_string(std::lround(images_a_second)) + " images/s  " + duration_text(left) +
         " left" + (best_epoch() == last.epoch ? "  *" : "");
}

// Once: from then on they are left out.
void TrainingRun::warn_of_unreadable(const Learner& learner) {
  if (warned_ || learner.unreadable().empty()) return;
  warned_ = true;
  console_.finish();
  console_.warning(std::to_string(learner.unreadable().size()) +
                   " training images can't be read and are left out; the first: " +
                   learner.unreadable().begin()->second);
}

// Nothing that differs from one run with this seed to the next.
Json TrainingRun::describe() const {
  Json training = training_;
  training["epoch"] = log().back().epoch;
  return training;
}

}  // namespace steelsight
