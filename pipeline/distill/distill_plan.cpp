#include "pipeline/distill/distill_plan.hpp"

#include <algorithm>

#include "core/content_hash.hpp"
#include "datasets/error.hpp"
#include "datasets/sentences.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/distill/student.hpp"
#include "pipeline/distill/teacher.hpp"

namespace steelsight {
namespace {

// What the teacher sees of a part, and the part without what can't be read.
Features look(Backend& backend, const FeatureNetwork& teacher, const ExtractionOptions& options,
              ImagePart& part, Console& console) {
  Features features = extract_features(backend, teacher, part.paths, options, console);
  if (features.errors.empty()) return features;
  console.warning(counted(features.errors.size(), "image") +
                  " can't be read and left out; the first: " + features.errors.begin()->second);
  std::vector<std::size_t> readable;
  for (std::size_t i = 0; i < part.size(); ++i)
    if (!features.errors.contains(i)) readable.push_back(i);
  part = part.select(readable);
  return features.select(readable);
}

// The keys that the result depends on: not its paths, whose content counts.
Json settings_of(const DistillConfig& config) {
  Json settings = distill_fields().write(config);
  for (const char* path : {"images", "unlabelled", "output", "teacher", "teacher_weights", "from",
                           "cache", "resume", "loader_threads"})
    settings.erase(path);
  if (config.arch.ends_with(".json")) settings.erase("arch");
  return settings;
}

Phase only_phase(const DistillConfig& config) {
  Phase phase;
  phase.epochs = config.epochs;
  phase.learner.optimizer = config.optimizer;
  phase.learner.schedule = config.schedule;
  phase.learner.epochs = config.epochs;
  phase.learner.batch_size = config.batch_size;
  phase.learner.random = Random(config.seed);
  return phase;
}

std::vector<std::uint64_t> with_hashes(std::vector<std::uint64_t> a,
                                       const std::vector<std::uint64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::ranges::sort(a);
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

Model begin_model(const DistillPlan& plan, const Json& teacher, StartingPoint student) {
  const DistillConfig& config = plan.config;
  Model model;
  model.preprocessing = to_json(student.preprocessing);
  model.spec = std::move(student.spec);
  model.parameters = std::move(student.parameters);
  model.class_names = plan.images.class_names;
  model.training = std::move(student.origin);
  model.training.update({{"seed", config.seed},
                         {"optimizer", to_json(config.optimizer)},
                         {"schedule", to_json(config.schedule)},
                         {"batch_size", config.batch_size},
                         {"augmentation", to_json(config.augmentation)},
                         {"distilled",
                          {{"teacher", teacher},
                           {"views", config.views},
                           {"components", plan.targets.components()},
                           {"explained", plan.targets.explained()},
                           {"whitening", config.whitening},
                           {"label_weight", config.label_weight},
                           {"images", plan.images.train.size()},
                           {"labelled", plan.images.train.labelled().size()},
                           {"held_out", plan.images.held_out.size()}}}});
  model.trained_images = with_hashes(std::move(student.trained_images), plan.images.train.hashes);
  model.validated_images =
      with_hashes(std::move(student.validated_images), plan.images.held_out.hashes);
  return model;
}

RunIdentity identify(const Backend& backend, const DistillPlan& plan, const std::string& teacher) {
  const Model& model = plan.run.model;
  const Preparation preparation = preparation_of(model);
  RunIdentity identity{
      .key = {{"config", settings_of(plan.config)},
              {"classes", plan.images.class_names},
              {"teacher", teacher},
              {"start", digest_of({.spec = model.spec,
                                   .parameters = model.parameters,
                                   .preprocessing = image_preparation(preparation)})},
              {"backend", backend.description()}}};
  const auto add = [&](const ImagePart& part, const std::string& name) {
    for (std::size_t i = 0; i < part.size(); ++i)
      identity.examples[part.names[i]] =
          name + " " + std::to_string(part.labels[i]) + " " + to_hex(part.hashes[i]);
  };
  add(plan.images.train, "train");
  add(plan.images.held_out, "validation");
  return identity;
}

void print_sizes(const DistillPlan& plan, Console& console) {
  const ImagePart& train = plan.images.train;
  console.line(counted(train.size(), "image") + " to learn from, " +
               std::to_string(train.labelled().size()) + " of them with one of " +
               std::to_string(plan.images.class_names.size()) + " classes; " +
               std::to_string(plan.images.held_out.size()) + " held out");
  console.line("teacher: " + std::to_string(plan.train.row_floats()) + " features, of which " +
               std::to_string(plan.targets.components()) + " components hold " +
               percent_text(plan.targets.explained(), 1) + " of the variance");
}

}  // namespace

ExtractionOptions extraction_options(const DistillConfig& config, std::int64_t views) {
  return {.views = static_cast<std::size_t>(views),
          .augmentation = config.augmentation.geometry(),
          .seed = config.seed,
          .cache = config.cache,
          .cache_option = "/distill/cache",
          .loader_threads = config.loader_threads};
}

View shown_view(const DistillConfig& config, std::size_t view) {
  return view_of(config.augmentation.geometry(), config.seed, view);
}

DistillPlan make_distill_plan(Backend& backend, const DistillConfig& config, Console& console) {
  Teacher teacher = load_teacher(config, console);
  DistillImages images = find_distill_images(config, console);
  Features train = look(backend, teacher.network, extraction_options(config, config.views),
                        images.train, console);
  Features held_out =
      look(backend, teacher.network, extraction_options(config, 1), images.held_out, console);
  drop_empty_classes(images);
  TeacherTargets targets(train, {.components = static_cast<std::size_t>(config.components),
                                 .whitening = config.whitening,
                                 .seed = config.seed});
  DistillPlan plan{.config = config,
                   .images = std::move(images),
                   .train = std::move(train),
                   .held_out = std::move(held_out),
                   .targets = std::move(targets),
                   .run = {}};
  print_sizes(plan, console);
  StartingPoint student =
      begin_student(config, plan.targets.components() + plan.images.class_names.size());
  plan.run.config.output = config.output;
  plan.run.config.resume = config.resume;
  plan.run.config.from = config.from;
  plan.run.preparation = student.preprocessing;
  plan.run.phases = {only_phase(config)};
  plan.run.model = begin_model(plan, teacher.origin, std::move(student));
  plan.run.identity = identify(backend, plan, teacher.digest);
  plan.run.model.training["run"] = plan.run.identity.digest();
  console.line("student: " + std::to_string(parameter_count(plan.run.model.spec)) +
               " parameters, input " + to_string(plan.run.model.spec.input) + "; " +
               backend.description());
  return plan;
}

}  // namespace steelsight
