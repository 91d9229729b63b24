#include "pipeline/distill/distill.hpp"

#include <chrono>
#include <cmath>

#include "core/output_claim.hpp"
#include "evaluation/number_text.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/accuracy_text.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/distill/distill_phase.hpp"
#include "pipeline/distill/linear_head.hpp"
#include "pipeline/distill/student.hpp"
#include "pipeline/train/finish_model.hpp"
#include "pipeline/train/training_run.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

// The first view of each image that has a label.
LabelledFeatures labelled_rows(const Features& features, const ImagePart& part) {
  LabelledFeatures rows{.features = features, .labels = {}};
  rows.features.views = 1;
  rows.features.rows.clear();
  rows.features.errors.clear();
  rows.features.hashes.clear();
  for (const std::size_t i : part.labelled()) {
    rows.features.rows.push_back(features.row(i).data());
    rows.labels.push_back(part.labels[i]);
  }
  return rows;
}

struct LabelledParts {
  LabelledFeatures train, held_out;
};

// What a student sees in the labelled images.
LabelledParts seen_by(Backend& backend, const DistillPlan& plan, const TensorMap& parameters,
                      Console& console) {
  const auto look = [&](const ImagePart& part) {
    const LabelledExamples images = part.labelled_examples();
    return LabelledFeatures{.features = extract_features(
                                backend,
                                features_of_student(plan.run.model.spec, parameters,
                                                    image_preparation(plan.run.preparation)),
                                images.examples.paths, extraction_options(plan.config, 1), console),
                            .labels = images.labels};
  };
  return {.train = look(plan.images.train), .held_out = look(plan.images.held_out)};
}

HeadOnFeatures head_for(const DistillPlan& plan, const LabelledParts& seen) {
  return fit_linear_head(seen.train, plan.images.class_names.size(), plan.config.seed);
}

// Memory and calibration too.
void take_head(Backend& backend, const DistillPlan& plan, const HeadOnFeatures& head, Model& model,
               Console& console) {
  model.spec = with_outputs(model.spec, static_cast<std::int64_t>(model.class_names.size()));
  for (const auto& [name, tensor] : head.parameters) model.parameters[name] = tensor;
  for (const std::string& note :
       finish_model(backend, model,
                    {.train = plan.images.train.labelled_examples(),
                    .validation = plan.images.held_out.labelled_examples()},
                    {.seed = plan.config.seed,
                    .run = {.loader_threads = plan.config.loader_threads,
                           .cache = plan.config.cache,
                           .stop = console.stop()}}))
    console.line(note);
}

Json counts_of(const Accuracy& accuracy) {
  return {{"images", accuracy.n}, {"right", accuracy.correct}};
}

// Judges the student, and gives the model its head.
DistillResult finish(Backend& backend, const DistillPlan& plan, Model& model, Console& console) {
  DistillResult result;
  result.unexplained =
      unexplained(backend, plan, {.spec = model.spec, .parameters = model.parameters});
  Json& record = model.training["distilled"];
  if (!std::isnan(result.unexplained)) record["unexplained"] = result.unexplained;
  if (model.class_names.empty()) return result;
  const LabelledParts teacher{.train = labelled_rows(plan.train, plan.images.train),
                              .held_out = labelled_rows(plan.held_out, plan.images.held_out)};
  const LabelledParts before = seen_by(backend, plan, plan.run.model.parameters, console);
  const LabelledParts student = seen_by(backend, plan, model.parameters, console);
  const HeadOnFeatures head = head_for(plan, student);
  result.teacher = accuracy_of(backend, head_for(plan, teacher), teacher.held_out);
  result.before = accuracy_of(backend, head_for(plan, before), before.held_out);
  result.student = accuracy_of(backend, head, student.held_out);
  record["linear_head"] = {{"teacher", counts_of(result.teacher)},
                           {"before", counts_of(result.before)},
                           {"student", counts_of(result.student)}};
  take_head(backend, plan, head, model, console);
  return result;
}

void print(const DistillResult& result, Console& console) {
  if (!std::isnan(result.unexplained))
    console.line("images held out: the student explains " +
                 percent_text(1 - result.unexplained, 1) + " of the teacher's components");
  if (result.student.n == 0) return;
  console.line("a linear head on the features of each, on labelled images held out:");
  print_accuracy(console, "  teacher", result.teacher);
  print_accuracy(console, "  student before", result.before);
  print_accuracy(console, "  student", result.student);
}

DistillResult stopped(Console& console) {
  console.line("interrupted: `distill --resume` with the same options goes on from here");
  DistillResult result;
  result.stopped = true;
  return result;
}

}  // namespace

DistillResult distill(Backend& backend, const DistillConfig& config, Console& console) {
  const Clock::time_point begin = Clock::now();
  const OutputClaim claim = claim_file(config.output);
  const DistillPlan plan = make_distill_plan(backend, config, console);
  DistillPhaseStarter phases(backend, plan);
  TrainingRun run(backend, plan.run, console, phases);
  const fs::path checkpoint = beside(plan.run.config, ".checkpoint.safetensors");
  if (run.begin() == TrainingRun::Beginning::complete) {
    console.line(config.output + " is complete: there is nothing to resume");
    fs::remove(checkpoint);
    return {};
  }
  write_config(beside(plan.run.config, ".config.json"), "distill", distill_fields().write(config));
  run.run();
  if (console.stop_requested()) return stopped(console);
  console.line(std::to_string(run.log().size()) + " epochs in " +
               duration_text(std::chrono::duration<double>(Clock::now() - begin).count()));
  Model model = run.best_model();
  settle_norm(model.spec, model.parameters);
  const DistillResult result = finish(backend, plan, model, console);
  save_model(config.output, model);
  print(result, console);
  console.line("wrote " + config.output +
               (model.class_names.empty()
                    ? ": a backbone without classes; train --from it"
                    : ": " + std::to_string(model.class_names.size()) + " classes"));
  fs::remove(checkpoint);
  return result;
}

}  // namespace steelsight
