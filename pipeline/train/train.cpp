#include "pipeline/train/train.hpp"

#include <sys/resource.h>

#include <chrono>
#include <cmath>

#include "core/output_claim.hpp"
#include "datasets/split_file.hpp"
#include "pipeline/command/accuracy_text.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/predict/evaluate.hpp"
#include "pipeline/predict/validation.hpp"
#include "pipeline/train/finish_model.hpp"
#include "pipeline/train/plan.hpp"
#include "pipeline/train/training_run.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

// The process's peak so far.
long peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::unique_ptr<PhaseStarter> make_phase_starter(Backend& backend, const TrainPlan& plan,
                                                 Console& console) {
  if (!plan.dataset.table)
    return std::make_unique<ImagePhaseStarter>(backend, plan.config, console,
                                               image_preparation(plan.preparation), plan.train,
                                               plan.validation);
  const auto rows = [&](const LabelledExamples& part) {
    return LabelledFeatures{
        .features = scaled_rows(part.examples, table_preparation(plan.preparation)),
        .labels = part.labels};
  };
  return std::make_unique<TablePhaseStarter>(backend, rows(plan.train), rows(plan.validation));
}

// What the last phase did not change is in the cache already.
ImageRunOptions image_run(const TrainPlan& plan, const Console& console) {
  return {.loader_threads = plan.config.loader_threads,
          .cached_layer = plan.dataset.table ? "" : plan.phases.back().freeze,
          .cache = plan.config.cache,
          .stop = console.stop()};
}

Accuracy train_accuracy(const std::vector<EpochLog>& log, std::int64_t best_epoch,
                        std::size_t images) {
  if (log.empty()) return {};
  const double share = log.at(static_cast<std::size_t>(best_epoch - 1)).train_accuracy;
  return {.n = images,
          .correct = static_cast<std::size_t>(std::llround(share * static_cast<double>(images)))};
}

// The best epoch's model, with its memory and calibration: the output.
Model write_model(Backend& backend, const TrainPlan& plan, const TrainingRun& run,
                  PhaseStarter& starter, Console& console) {
  Model model = run.best_model();
  FinishImages images{.train = plan.train, .validation = plan.validation};
  const bool all_learn = plan.validation.labels.empty();
  if (learns_by_least_squares_alone(plan.phases) && all_learn)
    images.left_out =
        starter.left_out(plan.phases.front(), {.spec = model.spec, .parameters = model.parameters});
  if (learns_by_least_squares_alone(plan.phases))
    print_accuracy(console, "left-out training",
                   train_accuracy(run.log(), run.best_epoch(), plan.train.labels.size()));
  for (const std::string& note : finish_model(
           backend, model, images, {.seed = plan.config.seed, .run = image_run(plan, console)}))
    console.line(note);
  save_model(plan.config.output, model);
  console.line("kept epoch " + std::to_string(run.best_epoch()) + " as " + plan.config.output);
  return model;
}

struct Finished {
  Model model;
  std::vector<EpochLog> log;
};

// On the validation and test parts; with the report.
TrainResult judge(Backend& backend, const TrainPlan& plan, const Finished& finished,
                  Console& console) {
  const auto& [model, log] = finished;
  const TrainConfig& config = plan.config;
  const ImageRunOptions run = image_run(plan, console);
  TrainResult result;
  result.epochs = static_cast<std::int64_t>(log.size());
  result.best_epoch = model.training.value("epoch", std::int64_t{0});
  result.train = train_accuracy(log, result.best_epoch, plan.train.labels.size());
  result.validation = validate(backend, model, plan.validation, run).accuracy;
  print_accuracy(console, "validation", result.validation);
  if (result.validation.n == 0 && learns_by_least_squares_alone(plan.phases))
    result.validation = result.train;  // of left-out images
  if (config.report.empty() || plan.split.test.empty()) {
    result.test = validate(backend, model, plan.test, run).accuracy;
  } else {
    // An epoch is no curve.
    const std::vector<EpochLog> curve = log.size() > 1 ? log : std::vector<EpochLog>{};
    const Report report = evaluate_samples(backend, model, plan.dataset, plan.split.test,
                                           {.output = config.report,
                                            .title = "Test part",
                                            .model_file = config.output,
                                            .log = curve,
                                            .run = run},
                                           console);
    if (report.metrics) result.test = report.metrics->accuracy;
  }
  print_accuracy(console, "test", result.test);
  return result;
}

TrainResult stopped(const TrainingRun& run, Console& console) {
  console.line("interrupted: `train --resume` with the same options goes on from here");
  TrainResult result;
  result.epochs = static_cast<std::int64_t>(run.log().size());
  result.best_epoch = run.best_epoch();
  result.stopped = true;
  return result;
}

// A run that was complete before.
Finished read_finished(const TrainPlan& plan, const Console& console) {
  const fs::path log = beside(plan.config, ".log.csv");
  return {.model = load_model(plan.config.output, console.stop()),
          .log = fs::exists(log) ? read_training_log(log) : std::vector<EpochLog>{}};
}

}  // namespace

TrainResult train(Backend& backend, const TrainConfig& config, Console& console) {
  const Clock::time_point begin = Clock::now();
  const OutputClaim claim = claim_file(config.output);
  const OutputClaim report_claim =
      config.report.empty() ? OutputClaim() : claim_folder(config.report);
  const TrainPlan plan = make_plan(backend, config, console);
  const std::unique_ptr<PhaseStarter> starter = make_phase_starter(backend, plan, console);
  TrainingRun run(backend, plan, console, *starter);
  Finished finished;
  if (run.begin() == TrainingRun::Beginning::complete) {
    console.line(config.output + " is complete: there is nothing to resume");
    finished = read_finished(plan, console);
  } else {
    write_config(beside(config, ".config.json"), "train", train_fields().write(plan.config));
    write_split(beside(config, ".split.json"), plan.dataset, plan.split);
    run.run();
    if (console.stop_requested()) return stopped(run, console);
    console.line(std::to_string(run.log().size()) +
                 (run.log().size() == 1 ? " epoch in " : " epochs in ") +
                 duration_text(std::chrono::duration<double>(Clock::now() - begin).count()) +
                 ", peak memory " + std::to_string(peak_memory_mib()) + " MiB");
    finished = {.model = write_model(backend, plan, run, *starter, console), .log = run.log()};
  }
  const TrainResult result = judge(backend, plan, finished, console);
  fs::remove(beside(config, ".checkpoint.safetensors"));
  return result;
}

}  // namespace steelsight
