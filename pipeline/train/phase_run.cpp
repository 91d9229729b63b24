#include "pipeline/train/phase_run.hpp"

#include "models/error.hpp"
#include "models/surgery.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/features/features_norm.hpp"
#include "pipeline/train/least_squares.hpp"

namespace steelsight {
namespace {

void require_linear(const NetworkSpec& spec) {
  for (const LayerSpec& layer : spec.layers) {
    const bool last = &layer == &spec.layers.back();
    if (last ? layer.type != LayerType::dense
             : !is_features_norm(layer) && layer.type != LayerType::dropout)
      throw ModelError("least squares can't solve layer '" + layer.name +
                       "': it needs one dense layer behind the frozen features");
  }
}

void learn_by_gradient(PhaseRun& run) {
  run.learn = [learner = run.learner.get()](std::int64_t epoch, const auto& progress) {
    return learner->run_epoch(epoch, progress);
  };
}

// The same network with its head solved by least squares instead of trained. Throws ModelError
// unless all that follows the features is the norm, dropout and one dense layer.
PhaseRun solve_on_features(Backend& backend, const Phase& phase, const StartingNetwork& network,
                           LabelledFeatures train, LabelledFeatures validation) {
  require_linear(network.spec);
  const LabelledFeatures examples = train;
  PhaseRun run =
      start_on_features(backend, phase.learner, network, std::move(train), std::move(validation));
  run.learn = [&backend, phase, spec = network.spec, examples, learner = run.learner.get()](
                  std::int64_t, const Learner::Progress&) {
    Learner::State state = learner->state();
    const Features seen = is_features_norm(spec.layers.front())
                              ? normalised(examples.features, spec.layers.front(), state.parameters)
                              : examples.features;
    const LayerSpec& head = spec.layers.back();
    LeastSquaresFit fit = least_squares_head(seen, examples.labels,
                                             {.classes = static_cast<std::size_t>(head.out),
                                              .ridge = phase.ridge,
                                              .bias = head.bias,
                                              .class_weights = phase.learner.loss.class_weights});
    state.parameters.at(head.name + ".weight") = std::move(fit.head.weight);
    if (head.bias) state.parameters.at(head.name + ".bias") = std::move(fit.head.bias);
    learner->restore(state);
    const Validation fitted = steelsight::validate(backend, spec, learner->parameters(),
                                                   examples.features, examples.labels);
    return Learner::Epoch{.loss = fitted.loss,
                          .accuracy = fit.left_out.value(),
                          .learning_rate = 0,
                          .images = fit.left_out.n};
  };
  return run;
}

}  // namespace

ImagePhaseStarter::ImagePhaseStarter(Backend& backend, const TrainConfig& config, Console& console,
                                     const Preprocessing& preprocessing,
                                     const LabelledExamples& train,
                                     const LabelledExamples& validation)
    : backend_(backend),
      config_(config),
      console_(console),
      preprocessing_(preprocessing),
      train_(train),
      validation_(validation) {}

PhaseRun ImagePhaseStarter::start(const Phase& phase, const StartingNetwork& network) {
  return phase.freeze.empty() ? whole_network(phase, network) : behind_frozen(phase, network);
}

PhaseRun ImagePhaseStarter::whole_network(const Phase& phase, const StartingNetwork& network) {
  auto images = std::make_unique<ImageSource>(
      train_.examples.paths, preprocessing_,
      LoaderOptions{.batch_size = static_cast<std::size_t>(
                        usable_batch(phase.learner.batch_size, train_.examples.size())),
                    .threads = config_.loader_threads,
                    .augmentation = config_.augmentation});
  PhaseRun run{.learner = std::make_unique<Learner>(
                   backend_, phase.learner, network.spec, network.parameters,
                   LabelledSource{.examples = std::move(images), .labels = train_.labels}),
               .learn = {},
               .validate = {}};
  learn_by_gradient(run);
  run.validate = [this, spec = network.spec, learner = run.learner.get()] {
    Model model;
    model.spec = spec;
    model.parameters = learner->parameters();
    model.preprocessing = to_json(preprocessing_);
    model.class_names.resize(static_cast<std::size_t>(resolve(spec).back().output[0]));
    return steelsight::validate(backend_, model, validation_, {.stop = console_.stop()});
  };
  return run;
}

PhaseRun ImagePhaseStarter::behind_frozen(const Phase& phase, const StartingNetwork& network) {
  const FeatureNetwork trunk{
      .spec = trunk_of(network.spec, phase.freeze),
      .parameters = parameters_of(trunk_of(network.spec, phase.freeze), network.parameters),
      .preprocessing = preprocessing_};
  ExtractionOptions options{.views = static_cast<std::size_t>(config_.views),
                            .augmentation = config_.augmentation,
                            .seed = config_.seed,
                            .cache = config_.cache,
                            .loader_threads = config_.loader_threads};
  console_.line("features behind " + phase.freeze + " " +
                to_string(resolve(trunk.spec).back().output) + ", " +
                std::to_string(options.views) + " views of each training image");
  if (phase.head == HeadMethod::least_squares) options.views = 1;
  Features train = extract_features(backend_, trunk, train_.examples.paths, options, console_);
  options.views = 1;
  Features validation =
      extract_features(backend_, trunk, validation_.examples.paths, options, console_);

  const NetworkSpec rest = rest_of(network.spec, phase.freeze);
  const TensorMap parameters = parameters_of(rest, network.parameters);
  const StartingNetwork behind{.spec = rest, .parameters = parameters};
  LabelledFeatures to_train{.features = std::move(train), .labels = train_.labels};
  LabelledFeatures to_validate{.features = std::move(validation), .labels = validation_.labels};
  if (phase.head == HeadMethod::least_squares)
    return solve_on_features(backend_, phase, behind, std::move(to_train), std::move(to_validate));
  return start_on_features(backend_, phase.learner, behind, std::move(to_train),
                           std::move(to_validate));
}

TablePhaseStarter::TablePhaseStarter(Backend& backend, LabelledFeatures train,
                                     LabelledFeatures validation)
    : backend_(backend), train_(std::move(train)), validation_(std::move(validation)) {}

PhaseRun TablePhaseStarter::start(const Phase& phase, const StartingNetwork& network) {
  LearnerConfig config = phase.learner;
  if (!phase.freeze.empty())
    for (const LayerSpec& layer : trunk_of(network.spec, phase.freeze).layers)
      config.frozen_layers.insert(layer.name);
  return start_on_features(backend_, config, network, train_, validation_);
}

PhaseRun start_on_features(Backend& backend, LearnerConfig config, const StartingNetwork& network,
                           LabelledFeatures train, LabelledFeatures validation) {
  std::erase_if(config.frozen_layers,
                [&](const std::string& layer) { return !has_layer(network.spec, layer); });
  TensorMap parameters = network.parameters;
  if (is_features_norm(network.spec.layers.front())) fit_features_norm(train.features, parameters);
  const auto batch = static_cast<std::size_t>(usable_batch(config.batch_size, train.labels.size()));
  PhaseRun run{
      .learner = std::make_unique<Learner>(
          backend, config, network.spec, std::move(parameters),
          LabelledSource{.examples = std::make_unique<FeatureSource>(train.features, batch),
                         .labels = std::move(train.labels)}),
      .learn = {},
      .validate = {}};
  learn_by_gradient(run);
  run.validate = [&backend, spec = network.spec, learner = run.learner.get(),
                  data = std::move(validation)] {
    return steelsight::validate(backend, spec, learner->parameters(), data.features, data.labels);
  };
  return run;
}

}  // namespace steelsight
