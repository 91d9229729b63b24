#include "pipeline/distill/distill_phase.hpp"

#include <numeric>

#include "pipeline/distill/distillation_loss.hpp"
#include "pipeline/distill/view_source.hpp"

namespace steelsight {
namespace {

// A batch's rows of the teacher in one view.
std::vector<std::span<const float>> rows_of(const Features& features, const Batch& batch,
                                            std::size_t view) {
  std::vector<std::span<const float>> rows;
  for (const std::size_t image : batch.items) rows.push_back(features.row(image, view));
  return rows;
}

std::vector<bool> readable_in(const Batch& batch) {
  std::vector<bool> readable;
  for (const std::string& error : batch.errors) readable.push_back(error.empty());
  return readable;
}

// view: which one the source shows.
Objective objective_of(const DistillPlan& plan, std::shared_ptr<const std::size_t> view) {
  return [&plan, view = std::move(view)](const Batch& batch, std::span<const float> outputs,
                                         std::span<float> gradient) {
    std::vector<int> labels;
    for (const std::size_t image : batch.items) labels.push_back(plan.images.train.labels[image]);
    return distillation_loss({.targets = plan.targets.of(rows_of(plan.train, batch, *view)),
                              .labels = labels,
                              .readable = readable_in(batch)},
                             plan.config.label_weight, outputs, gradient);
  };
}

const Preprocessing& preprocessing_of(const DistillPlan& plan) {
  return image_preparation(plan.run.preparation);
}

}  // namespace

PhaseRun DistillPhaseStarter::start(const Phase& phase, const StartingNetwork& network) {
  const auto view = std::make_shared<std::size_t>(0);
  LearnerConfig config = phase.learner;
  config.objective = objective_of(plan_, view);
  const ImagePart& train = plan_.images.train;
  auto source = std::make_unique<ViewSource>(
      train.paths, preprocessing_of(plan_),
      LoaderOptions{
          .batch_size = static_cast<std::size_t>(usable_batch(config.batch_size, train.size())),
          .threads = plan_.config.loader_threads,
          .augmentation = plan_.config.augmentation.appearance()});
  PhaseRun run;
  ViewSource* shown = source.get();
  run.learner = std::make_unique<Learner>(
      backend_, config, network.spec, network.parameters,
      LabelledSource{.examples = std::move(source), .labels = train.labels});
  run.learn = [this, view, shown, learner = run.learner.get()](std::int64_t epoch,
                                                               const auto& progress) {
    *view = static_cast<std::size_t>(epoch % plan_.config.views);
    shown->show(shown_view(plan_.config, *view));
    return learner->run_epoch(epoch, progress);
  };
  run.validate = [this, spec = network.spec, learner = run.learner.get()] {
    return Validation{
        .accuracy = {},
        .loss = unexplained(backend_, plan_, {.spec = spec, .parameters = learner->parameters()})};
  };
  return run;
}

double unexplained(Backend& backend, const DistillPlan& plan, const StartingNetwork& student) {
  constexpr std::size_t kBatch = 8;
  const ImagePart& images = plan.images.held_out;
  if (images.size() == 0) return EpochLog::kNotMeasured;
  InferenceNetwork network(backend, student.spec, student.parameters,
                           {.batch_size = static_cast<std::int64_t>(kBatch)});
  const auto width = static_cast<std::size_t>(network.output_shape()[0]);
  Loader loader(images.paths, preprocessing_of(plan),
                {.batch_size = kBatch, .threads = plan.config.loader_threads});
  std::vector<std::size_t> order(images.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  loader.start(std::move(order), Random(0));
  double errors = 0, squares = 0;
  std::vector<float> outputs;
  while (const std::optional<Batch> batch = loader.next()) {
    outputs.resize(batch->items.size() * width);
    network.run(batch->planes, static_cast<std::int64_t>(batch->items.size()), outputs);
    const cv::Mat targets = plan.targets.of(rows_of(plan.held_out, *batch, 0));
    for (std::size_t i = 0; i < batch->items.size(); ++i) {
      if (!batch->errors[i].empty()) continue;
      const float* target = targets.ptr<float>(static_cast<int>(i));
      for (int k = 0; k < targets.cols; ++k) {
        const double difference =
            static_cast<double>(outputs[i * width + static_cast<std::size_t>(k)] - target[k]);
        errors += difference * difference;
        squares += static_cast<double>(target[k]) * static_cast<double>(target[k]);
      }
    }
  }
  return squares > 0 ? errors / squares : EpochLog::kNotMeasured;
}

}  // namespace steelsight
