#include "pipeline/train/training_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "evaluation/number_text.hpp"

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

// The digest of the run that wrote a model; empty if there is none.
std::string run_of(const fs::path& model) {
  if (!fs::exists(model)) return "";
  return load_model(model).training.value("run", std::string("none"));
}

// In what the run that wrote the output differs, as far as its configuration still lies beside it.
std::string difference_of_settings(const TrainConfig& config) {
  const fs::path file = beside(config, ".config.json");
  if (!fs::exists(file)) return "";
  const Json written = parse_json(read_file(file), file.string());
  try {
    return difference({.key = settings_of(train_fields().read(written.at("train"), "/train"))},
                      {.key = settings_of(config)});
  } catch (const std::exception&) {  // changed by hand, or of another version
    return "";
  }
}

[[noreturn]] void refuse_complete(const TrainConfig& config) {
  const std::string differing = difference_of_settings(config);
  throw ConfigError(config.output + " is complete, and of another run" +
                    (differing.empty() ? ", with other images, another start or on another machine"
                                       : ": " + differing) +
                    ". Resume with what it was begun with, or begin anew without --resume");
}

bool is_same_file(const std::string& a, const std::string& b) {
  boost::system::error_code ignored;
  return !a.empty() && fs::equivalent(a, b, ignored);
}

}  // namespace

fs::path beside(const TrainConfig& config, const std::string& suffix) {
  fs::path file = config.output;
  return file.replace_extension().string() + suffix;
}

TrainingRun::TrainingRun(Backend& backend, const TrainPlan& plan, Console& console,
                         PhaseStarter& starter)
    : backend_(backend), plan_(plan), console_(console), starter_(starter) {
  for (const Phase& phase : plan.phases) total_epochs_ += phase.epochs;
  checkpoint_.identity = plan.identity;
}

std::int64_t TrainingRun::best_epoch() const {
  if (log().empty()) return 0;
  // Without a validation part the newest epoch is the best known.
  const std::optional<std::size_t> best = steelsight::best_epoch(log());
  return best ? log()[*best].epoch : log().back().epoch;
}

Model TrainingRun::best_model() const {
  Model model = plan_.model;
  for (const auto& [name, tensor] : checkpoint_.best) model.parameters[name] = tensor;
  model.training["epoch"] = best_epoch();
  return model;
}

TrainingRun::Beginning TrainingRun::begin() {
  const TrainConfig& config = plan_.config;
  const fs::path file = beside(config, ".checkpoint.safetensors");
  if (!config.resume) {
    save_checkpoint(file, checkpoint_);
    return Beginning::anew;
  }
  const std::string written_by = run_of(config.output);
  if (!fs::exists(file)) {
    if (written_by == plan_.identity.digest()) return Beginning::complete;
    if (!written_by.empty()) refuse_complete(config);
    save_checkpoint(file, checkpoint_);
    return Beginning::anew;
  }
  Checkpoint saved = load_checkpoint(file);
  const bool complete = written_by == saved.identity.digest();
  RunIdentity now = plan_.identity;
  // A complete run may have replaced the model that it started from. The other keys identify it.
  if (complete && is_same_file(config.from, config.output))
    now.key["start"] = saved.identity.key.value("start", Json());
  const std::string differing = difference(saved.identity, now);
  if (!differing.empty())
    throw ConfigError(file.string() + " is of another run: " + differing +
                      ". Resume with what it was begun with, or begin anew without --resume");
  checkpoint_ = std::move(saved);
  if (complete) return Beginning::complete;
  backend_.use_kernels(checkpoint_.kernels);
  console_.line("going on behind epoch " + std::to_string(log().size()));
  return Beginning::going_on;
}

void TrainingRun::run() {
  for (std::size_t i = checkpoint_.phase; i < plan_.phases.size() && !console_.stop_requested();
       ++i)
    if (i == checkpoint_.phase || may_help(i)) run_phase(i);
}

bool TrainingRun::may_help(std::size_t index) const {
  if (plan_.phases[index - 1].head != HeadMethod::least_squares) return true;
  const double left_out = log().back().train_accuracy;
  const std::size_t images = plan_.validation.labels.size();
  if ((1 - left_out) * static_cast<double>(images) >= plan_.phases[index].least_errors) return true;
  console_.line("phase " + std::to_string(index + 1) + " is left out: the head is right on " +
                percent_text(left_out) + " of training images that it has not seen, and " +
                std::to_string(images) + " validation images can't tell whether more helps");
  return false;
}

void TrainingRun::run_phase(std::size_t index) {
  const Phase& phase = plan_.phases[index];
  const bool resumed = checkpoint_.learner && checkpoint_.phase == index;
  if (!resumed) checkpoint_.epoch = 0;
  if (resumed && is_over(phase)) return;
  checkpoint_.phase = index;
  if (plan_.phases.size() > 1)
    console_.line("phase " + std::to_string(index + 1) + "/" + std::to_string(plan_.phases.size()) +
                  (phase.freeze.empty() ? ": the whole network learns"
                                        : ": what follows " + phase.freeze + " learns"));
  // Each phase goes on from the best that is known.
  const Model best = best_model();
  PhaseRun running = starter_.start(phase, {.spec = best.spec, .parameters = best.parameters});
  if (resumed) running.learner->restore(*checkpoint_.learner);
  while (checkpoint_.epoch < phase.epochs && !console_.stop_requested()) {
    try {
      run_epoch(running);
    } catch (const Interrupted&) {
      if (!console_.stop_requested()) throw;
      break;
    }
    if (is_over(phase)) break;
  }
}

bool TrainingRun::is_over(const Phase& phase) const {
  if (checkpoint_.epoch == phase.epochs) return true;
  if (patience_is_over(phase)) {
    console_.line("no better epoch in the last " + std::to_string(phase.patience) +
                  ": this phase ends early");
    return true;
  }
  if (!has_converged()) return false;
  console_.line("the training loss has converged: this phase ends early");
  return true;
}

// Patience counts the epochs of this phase since its best one, or since its begin.
bool TrainingRun::patience_is_over(const Phase& phase) const {
  if (phase.patience == 0) return false;
  const auto last = static_cast<std::int64_t>(log().size());
  const std::int64_t begin = last - checkpoint_.epoch;
  return last - std::max(best_epoch(), begin) >= phase.patience;
}

bool TrainingRun::has_converged() const {
  if (plan_.config.tolerance == 0 || checkpoint_.epoch <= kConvergenceEpochs) return false;
  const auto lowest = [&](auto first, auto last) {
    return std::ranges::min_element(first, last, {}, &EpochLog::train_loss)->train_loss;
  };
  const auto recent = log().end() - kConvergenceEpochs;
  return lowest(recent, log().end()) >
         lowest(log().end() - checkpoint_.epoch, recent) - plan_.config.tolerance;
}

void TrainingRun::run_epoch(PhaseRun& running) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  Learner& learner = *running.learner;
  const auto number = static_cast<int>(log().size()) + 1;
  console_.start("epoch " + std::to_string(number) + "/" + std::to_string(total_epochs_),
                 learner.images_an_epoch());
  const Learner::Epoch learned =
      running.learn(checkpoint_.epoch, [&](std::size_t images, double loss) {
        console_.update(images, "loss " + four_digits(loss));
        return !console_.stop_requested();
      });
  console_.throw_if_stopped("an epoch was learned");
  const double images_a_second = static_cast<double>(learned.images) / seconds();
  warn_of_unreadable(learner);
  const Validation validated = running.validate();
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
  keep(learner);
  console_.finish();
  console_.line(progress_text(images_a_second));
}

void TrainingRun::keep(const Learner& learner) {
  if (best_epoch() == log().back().epoch)
    for (const auto& [name, tensor] : learner.parameters()) checkpoint_.best[name] = tensor;
  write_training_log(beside(plan_.config, ".log.csv"), log());
  checkpoint_.learner = learner.state();
  for (const auto& [convolution, timing] : backend_.kernels_used())
    checkpoint_.kernels[convolution] = timing;
  save_checkpoint(beside(plan_.config, ".checkpoint.safetensors"), checkpoint_);
}

std::string TrainingRun::progress_text(double images_a_second) const {
  const EpochLog& last = log().back();
  const double left = last.seconds * static_cast<double>(total_epochs_ - last.epoch);
  return "epoch " + std::to_string(last.epoch) + "/" + std::to_string(total_epochs_) + "  loss " +
         four_digits(last.train_loss) + "  accuracy " + percent_or_dash(last.train_accuracy) +
         "  validation loss " + four_digits(last.validation_loss) + "  accuracy " +
         percent_or_dash(last.validation_accuracy) + "  " +
         std::to_string(std::lround(images_a_second)) + " images/s  " + duration_text(left) +
         " left" + (best_epoch() == last.epoch ? "  *" : "");
}

// They could be read when the run was planned. Once: from then on they are left out.
void TrainingRun::warn_of_unreadable(const Learner& learner) {
  if (warned_ || learner.unreadable().empty()) return;
  warned_ = true;
  console_.finish();
  console_.warning(std::to_string(learner.unreadable().size()) +
                   " training images can't be read any more and are left out; the first: " +
                   learner.unreadable().begin()->second);
}

}  // namespace steelsight
