#include "pipeline/train/phase_run.hpp"

#include "models/error.hpp"
#include "models/surgery.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/features/features_norm.hpp"

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

LeastSquaresOptions options_of(const Phase& phase) {
  return {.ridge = phase.ridge, .class_weights = phase.learner.loss.class_weights};
}

// The same network with its head solved by least squares instead of trained. The accuracy of its
// only epoch is that of examples which are left out.
PhaseRun solve_on_features(Backend& backend, const Phase& phase, const StartingNetwork& network,
                           LabelledFeatures train, LabelledFeatures validation) {
  const LabelledFeatures examples = train;
  PhaseRun run =
      start_on_features(backend, phase.learner, network, std::move(train), std::move(validation));
  run.learn = [&backend, phase, spec = network.spec, examples, learner = run.learner.get()](
                  std::int64_t, const Learner::Progress&) {
    Learner::State state = learner->state();
    const LeastSquaresFit fit = solve_head(spec, state.parameters, examples, options_of(phase));
    learner->restore(state);
    const Validation fitted = steelsight::validate(backend, spec, learner->parameters(),
                                                   examples.features, examples.labels);
    const Accuracy left_out = accuracy_of(fit.left_out);
    return Learner::Epoch{.loss = fitted.loss,
                          .accuracy = left_out.value(),
                          .learning_rate = 0,
                          .images = left_out.n};
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

LabelledFeatures ImagePhaseStarter::features_at(const std::string& layer,
                                                const StartingNetwork& network,
                                                const LabelledExamples& examples,
                                                std::size_t views) {
  const NetworkSpec trunk = trunk_of(network.spec, layer);
  return {.features = extract_features(backend_,
                                       {.spec = trunk,
                                        .parameters = parameters_of(trunk, network.parameters),
                                        .preprocessing = preprocessing_},
                                       examples.examples.paths,
                                       {.views = views,
                                        .augmentation = config_.augmentation,
                                        .seed = config_.seed,
                                        .cache = config_.cache,
                                        .loader_threads = config_.loader_threads},
                                       console_),
          .labels = examples.labels};
}

// Least squares sees each image as it is, others see views of it.
PhaseRun ImagePhaseStarter::behind_frozen(const Phase& phase, const StartingNetwork& network) {
  const bool solved = phase.head == HeadMethod::least_squares;
  const std::size_t views = solved ? 1 : static_cast<std::size_t>(config_.views);
  console_.line("features behind " + phase.freeze + " " +
                to_string(resolve(trunk_of(network.spec, phase.freeze)).back().output) +
                (solved ? "; the head by least squares, judged on each training image without it"
                        : ", " + std::to_string(views) + " views of each training image"));
  LabelledFeatures train = features_at(phase.freeze, network, train_, views);
  LabelledFeatures validation = features_at(phase.freeze, network, validation_, 1);

  const NetworkSpec rest = rest_of(network.spec, phase.freeze);
  const TensorMap parameters = parameters_of(rest, network.parameters);
  const StartingNetwork behind{.spec = rest, .parameters = parameters};
  if (solved)
    return solve_on_features(backend_, phase, behind, std::move(train), std::move(validation));
  return start_on_features(backend_, phase.learner, behind, std::move(train),
                           std::move(validation));
}

Validated ImagePhaseStarter::left_out(const Phase& phase, const StartingNetwork& network) {
  const NetworkSpec rest = rest_of(network.spec, phase.freeze);
  TensorMap parameters = parameters_of(rest, network.parameters);
  return solve_head(rest, parameters, features_at(phase.freeze, network, train_, 1),
                    options_of(phase))
      .left_out;
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

LeastSquaresFit solve_head(const NetworkSpec& spec, TensorMap& parameters,
                           const LabelledFeatures& train, LeastSquaresOptions options) {
  require_linear(spec);
  const Features seen = is_features_norm(spec.layers.front())
                            ? normalised(train.features, spec.layers.front(), parameters)
                            : train.features;
  const LayerSpec& head = spec.layers.back();
  options.classes = static_cast<std::size_t>(head.out);
  options.bias = head.bias;
  LeastSquaresFit fit = least_squares_head(seen, train.labels, options);
  parameters.at(head.name + ".weight") = fit.head.weight;
  if (head.bias) parameters.at(head.name + ".bias") = fit.head.bias;
  return fit;
}

}  // namespace steelsight
