#include "pipeline/stage.hpp"

#include <cmath>

#include "models/error.hpp"
#include "models/surgery.hpp"
#include "pipeline/extraction.hpp"
#include "pipeline/features_norm.hpp"
#include "pipeline/least_squares.hpp"

namespace steelsight {
namespace {

// Generators of stages behind the first, below the run's seed.
constexpr std::uint64_t kStage = 32;

bool has_layer(const NetworkSpec& spec, const std::string& name) {
  for (const LayerSpec& layer : spec.layers)
    if (layer.name == name) return true;
  return false;
}

void require_linear(const NetworkSpec& spec) {
  for (const LayerSpec& layer : spec.layers) {
    const bool last = &layer == &spec.layers.back();
    if (last ? layer.type != LayerType::dense
             : !is_features_norm(layer) && layer.type != LayerType::dropout)
      throw ModelError("least squares can't solve layer '" + layer.name +
                       "': it needs one dense layer behind the frozen features");
  }
}

}  // namespace

std::vector<ResolvedStage> stages_of(const TrainConfig& config, const NetworkSpec& spec) {
  std::vector<ResolvedStage> stages;
  std::vector<StageConfig> given = config.stages;
  if (given.empty())
    given.push_back({.freeze = config.freeze,
                     .epochs = config.epochs,
                     .patience = config.patience,
                     .learning_rate = config.schedule.learning_rate});
  for (const StageConfig& stage : given) {
    ScheduleConfig schedule = config.schedule;
    schedule.learning_rate = stage.learning_rate;
    std::string freeze = stage.freeze;
    if (freeze == "features")
      freeze = has_layer(spec, kFeaturesLayer) ? kFeaturesLayer : features_layer(spec);
    stages.push_back({.freeze = freeze.empty() ? "" : find_layer(spec, freeze),
                      .epochs = stage.epochs,
                      .patience = stage.patience,
                      .schedule = schedule});
    ResolvedStage& last = stages.back();
    last.solved = config.head == "least_squares" && !last.freeze.empty() && stages.size() == 1;
    if (last.solved) last.epochs = 1;
    if (!stages.back().freeze.empty())
      rest_of(spec, stages.back().freeze);  // throws if it can't be
  }
  return stages;
}

LearnerConfig learner_config(const TrainConfig& config, const NetworkSpec& spec,
                             std::size_t index) {
  const std::vector<ResolvedStage> stages = stages_of(config, spec);
  LearnerConfig learner;
  learner.optimizer = config.optimizer;
  learner.schedule = stages[index].schedule;
  learner.loss = config.loss;
  learner.epochs = stages[index].epochs;
  learner.batch_size = config.batch_size;
  learner.sampling = config.balance == "sampler" ? Sampling::balanced : Sampling::shuffled;
  learner.random =
      index == 0 ? Random(config.seed) : Random(config.seed).child(kStage).child(index);
  // Layers that began to learn in a later stage learn slower.
  for (std::size_t earlier = index + 1; earlier-- > 0;) {
    const std::string& freeze = stages[earlier].freeze;
    const NetworkSpec learning = freeze.empty() ? spec : rest_of(spec, freeze);
    for (const LayerSpec& layer : learning.layers)
      learner.rate_factors[layer.name] = std::pow(config.lower_rate, static_cast<double>(earlier));
  }
  if (has_layer(spec, kFeaturesNorm)) learner.frozen_layers.insert(kFeaturesNorm);
  return learner;
}

ImageStages::ImageStages(Backend& backend, const TrainConfig& config, Console& console,
                         const Preprocessing& preprocessing, LabelledExamples train,
                         LabelledExamples validation)
    : backend_(backend),
      config_(config),
      console_(console),
      preprocessing_(preprocessing),
      train_(std::move(train)),
      validation_(std::move(validation)) {}

Stage ImageStages::make(std::size_t index, const StartingNetwork& start) {
  const std::string freeze = stages_of(config_, start.spec)[index].freeze;
  return freeze.empty() ? whole_network(index, start) : behind(freeze, index, start);
}

Stage ImageStages::whole_network(std::size_t index, const StartingNetwork& start) {
  const LearnerConfig config = learner_config(config_, start.spec, index);
  auto images = std::make_unique<ImageSource>(
      train_.examples.paths, preprocessing_,
      LoaderOptions{.batch_size = static_cast<std::size_t>(
                        usable_batch(config.batch_size, train_.examples.size())),
                    .threads = config_.loader_threads,
                    .augmentation = config_.augmentation});
  Stage stage{.learner = std::make_unique<Learner>(
                  backend_, config, start.spec, start.parameters,
                  LabelledSource{.examples = std::move(images), .labels = train_.labels}),
              .learn = {},
              .validate = {},
              .frozen = {}};
  stage.learn = [learner = stage.learner.get()](std::int64_t epoch, const auto& progress) {
    return learner->run_epoch(epoch, progress);
  };
  stage.validate = [this, spec = start.spec, learner = stage.learner.get()] {
    Model model;
    model.spec = spec;
    model.parameters = learner->parameters();
    model.preprocessing = to_json(preprocessing_);
    model.class_names.resize(static_cast<std::size_t>(resolve(spec).back().output[0]));
    return steelsight::validate(backend_, model, validation_);
  };
  return stage;
}

Stage ImageStages::behind(const std::string& layer, std::size_t index,
                          const StartingNetwork& start) {
  const FeatureNetwork trunk{
      .spec = trunk_of(start.spec, layer),
      .parameters = parameters_of(trunk_of(start.spec, layer), start.parameters),
      .preprocessing = preprocessing_};
  ExtractionOptions options{.views = static_cast<std::size_t>(config_.views),
                            .augmentation = config_.augmentation,
                            .seed = config_.seed,
                            .cache = config_.cache,
                            .loader_threads = config_.loader_threads};
  console_.line("features behind " + layer + " " + to_string(resolve(trunk.spec).back().output) +
                ", " + std::to_string(options.views) + " views of each training image");
  Features train = extract_features(backend_, trunk, train_.examples.paths, options, console_);
  options.views = 1;
  Features validation =
      extract_features(backend_, trunk, validation_.examples.paths, options, console_);

  const NetworkSpec rest = rest_of(start.spec, layer);
  const TensorMap parameters = parameters_of(rest, start.parameters);
  const StartingNetwork behind{.spec = rest, .parameters = parameters};
  LabelledFeatures to_train{.features = std::move(train), .labels = train_.labels};
  LabelledFeatures to_validate{.features = std::move(validation), .labels = validation_.labels};
  Stage stage =
      stages_of(config_, start.spec)[index].solved
          ? solved_stage(backend_, config_, behind, std::move(to_train), std::move(to_validate))
          : feature_stage(backend_, learner_config(config_, start.spec, index), behind,
                          std::move(to_train), std::move(to_validate));
  stage.frozen = trunk.parameters;
  return stage;
}

TableStages::TableStages(Backend& backend, const TrainConfig& config, LabelledFeatures train,
                         LabelledFeatures validation)
    : backend_(backend),
      config_(config),
      train_(std::move(train)),
      validation_(std::move(validation)) {
  if (config.head != "gradient")
    throw ConfigError("/train/head is " + config.head + ", expected gradient for a table");
}

Stage TableStages::make(std::size_t index, const StartingNetwork& start) {
  LearnerConfig config = learner_config(config_, start.spec, index);
  const std::string freeze = stages_of(config_, start.spec)[index].freeze;
  if (!freeze.empty())
    for (const LayerSpec& layer : trunk_of(start.spec, freeze).layers)
      config.frozen_layers.insert(layer.name);
  return feature_stage(backend_, config, start, train_, validation_);
}

Stage feature_stage(Backend& backend, LearnerConfig config, const StartingNetwork& start,
                    LabelledFeatures train, LabelledFeatures validation) {
  std::erase_if(config.frozen_layers,
                [&](const std::string& layer) { return !has_layer(start.spec, layer); });
  TensorMap parameters = start.parameters;
  if (is_features_norm(start.spec.layers.front())) fit_features_norm(train.features, parameters);
  const auto batch = static_cast<std::size_t>(usable_batch(config.batch_size, train.labels.size()));
  Stage stage{.learner = std::make_unique<Learner>(
                  backend, config, start.spec, std::move(parameters),
                  LabelledSource{.examples = std::make_unique<FeatureSource>(train.features, batch),
                                 .labels = train.labels}),
              .learn = {},
              .validate = {},
              .frozen = {}};
  stage.learn = [learner = stage.learner.get()](std::int64_t epoch, const auto& progress) {
    return learner->run_epoch(epoch, progress);
  };
  stage.validate = [&backend, spec = start.spec, learner = stage.learner.get(),
                    data = std::move(validation)] {
    return steelsight::validate(backend, spec, learner->parameters(), data.features, data.labels);
  };
  return stage;
}

Stage solved_stage(Backend& backend, const TrainConfig& config, const StartingNetwork& start,
                   LabelledFeatures train, LabelledFeatures validation) {
  require_linear(start.spec);
  const LabelledFeatures examples = train;
  LearnerConfig unused;
  unused.schedule = config.schedule;
  unused.batch_size = config.batch_size;
  Stage stage = feature_stage(backend, unused, start, std::move(train), std::move(validation));
  stage.learn = [&backend, config, spec = start.spec, examples, learner = stage.learner.get()](
                    std::int64_t, const Learner::Progress&) {
    Learner::State state = learner->state();
    const Features seen = is_features_norm(spec.layers.front())
                              ? normalised(examples.features, spec.layers.front(), state.parameters)
                              : examples.features;
    const LayerSpec& head = spec.layers.back();
    LinearHead solution =
        least_squares_head(seen, examples.labels,
                           {.classes = static_cast<std::size_t>(head.out), .ridge = config.ridge});
    state.parameters.at(head.name + ".weight") = std::move(solution.weight);
    state.parameters.at(head.name + ".bias") = std::move(solution.bias);
    learner->restore(state);
    const Validation fitted = steelsight::validate(backend, spec, learner->parameters(),
                                                   examples.features, examples.labels);
    return Learner::Epoch{.loss = fitted.loss,
                          .accuracy = fitted.accuracy.value(),
                          .learning_rate = 0,
                          .images = fitted.accuracy.n};
  };
  return stage;
}

}  // namespace steelsight
