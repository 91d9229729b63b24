#include "pipeline/bench/bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>

#include "core/atomic_file.hpp"
#include "core/interrupt.hpp"
#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "evaluation/median.hpp"
#include "evaluation/number_text.hpp"
#include "models/error.hpp"
#include "models/fold.hpp"
#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/peak.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/command/pretrained.hpp"
#include "pipeline/features/architecture.hpp"
#include "pipeline/train/learner.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_from(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Subject {
  std::string name;
  NetworkSpec spec;
  TensorMap parameters;
  Quantization quantization = {};
};

// Every convolution in integers. No time depends on the steps.
Quantization all_in_integers(NetworkSpec spec, TensorMap parameters) {
  simplify_for_inference(spec, parameters);
  Quantization quantization;
  for (const std::string& layer : quantizable_layers(spec)) {
    const std::string value = value_read(spec, layer);
    quantization.layers.insert(layer);
    quantization.values[value] = {.step = 0.05f, .is_signed = value == "input"};
  }
  return quantization;
}

Subject subject_of(const BenchConfig& config, const std::stop_token& stop) {
  Subject subject;
  if (config.arch.empty()) {
    const std::string file = config.model.empty() ? pretrained_model().string() : config.model;
    Model model = load_model(file, stop);
    subject = {file, std::move(model.spec), std::move(model.parameters),
               std::move(model.quantization)};
    if (config.training && !subject.quantization.empty())
      throw ConfigError("/bench/training: " + file + " is in 8-bit integers and can't be trained");
  } else {
    subject.name = config.arch;
    subject.spec =
        make_architecture(config.arch, {.classes = 0, .input_size = config.input_size}).spec;
  }
  if (!config.layer.empty()) {
    subject.spec = trunk_of(subject.spec, find_layer(subject.spec, config.layer));
    subject.name += " up to " + subject.spec.layers.back().name;
  }
  subject.parameters =
      initial_parameters(subject.spec, 0, parameters_of(subject.spec, subject.parameters));
  if (config.int8) {
    subject.quantization = all_in_integers(subject.spec, subject.parameters);
    if (subject.quantization.empty())
      throw ModelError(subject.name + ": has no convolution that could run in integers");
    subject.name += " in int8";
  }
  return subject;
}

struct Measuring {
  double seconds;  // at least
  bool training;
  std::stop_token stop;
};

// Milliseconds of each of several runs, after one that doesn't count.
std::vector<double> time_runs(const Measuring& how, const std::function<void()>& run) {
  constexpr std::size_t kLeast = 3;
  run();
  std::vector<double> times;
  const Clock::time_point begin = Clock::now();
  while (times.size() < kLeast || seconds_from(begin) < how.seconds) {
    throw_if_stopped(how.stop, "measuring");
    const Clock::time_point start = Clock::now();
    run();
    times.push_back(seconds_from(start) * 1e3);
  }
  return times;
}

std::vector<float> random_batch(const Shape& shape, std::int64_t batch_size) {
  std::vector<float> values(static_cast<std::size_t>(batch_size * element_count(shape)));
  Random random(0);
  for (float& value : values) value = random.normal();
  return values;
}

std::vector<LayerSpeed> time_layers(const Subject& subject, InferenceNetwork& network,
                                    const Peaks& peaks, const Measuring& how) {
  std::vector<LayerTime> layers;
  std::vector<std::vector<double>> times;  // for each layer
  time_runs(how, [&] {
    layers = network.run_timed();
    times.resize(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) times[i].push_back(layers[i].milliseconds);
  });
  std::map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < subject.spec.layers.size(); ++i)
    position[subject.spec.layers[i].name] = i;
  const std::vector<std::int64_t> counts = multiply_adds(subject.spec);
  std::vector<LayerSpeed> speeds;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerSpeed speed{.layer = layers[i].layer,
                     .type = {},
                     .kernel = layers[i].kernel,
                     .milliseconds = median(times[i]) / static_cast<double>(network.batch_size()),
                     .gflops = {},
                     .share_of_peak = {}};
    if (const auto found = position.find(speed.layer); found != position.end()) {
      speed.type = type_name(subject.spec.layers[found->second]);
      const auto count = static_cast<double>(counts[found->second]);
      if (count > 0) {
        speed.gflops = 2 * count / speed.milliseconds * 1e-6;
        speed.share_of_peak =
            *speed.gflops / (layers[i].in_integers ? peaks.integers.value() : peaks.floats);
      }
    }
    speeds.push_back(std::move(speed));
  }
  return speeds;
}

double time_training(Backend& backend, const Subject& subject, std::int64_t batch_size,
                     const Measuring& how) {
  TrainingNetwork network(backend, subject.spec, subject.parameters, {.batch_size = batch_size});
  std::vector<ParameterView> views;
  for (auto& [name, gradient] : network.gradients())
    views.push_back({name, network.parameters().at(name).values, gradient.values});
  Optimizer optimizer({.kind = OptimizerKind::adamw}, views);
  std::ranges::copy(random_batch(subject.spec.input, batch_size), network.input().begin());
  std::ranges::copy(random_batch(network.output_shape(), batch_size),
                    network.output_gradient().begin());
  return median(time_runs(how,
                          [&] {
                            network.forward(Random(0));
                            network.backward();
                            optimizer.step(views, 1e-6);
                          })) /
         static_cast<double>(batch_size);
}

BatchSpeed time_batch(Backend& backend, const Subject& subject, const Peaks& peaks,
                      std::int64_t batch_size, const Measuring& how) {
  InferenceNetwork network(backend, subject.spec, subject.parameters,
                           {.batch_size = batch_size, .quantization = subject.quantization});
  const std::vector<float> input = random_batch(subject.spec.input, batch_size);
  std::vector<float> output(
      static_cast<std::size_t>(batch_size * element_count(network.output_shape())));
  BatchSpeed speed{
      .batch_size = batch_size,
      .milliseconds = median(time_runs(how, [&] { network.run(input, batch_size, output); })),
      .activation_bytes = network.activation_bytes(),
      .training_milliseconds = {},
      .layers = {}};
  speed.milliseconds /= static_cast<double>(batch_size);
  speed.layers = time_layers(subject, network, peaks, how);
  if (how.training) speed.training_milliseconds = time_training(backend, subject, batch_size, how);
  return speed;
}

void print(const BatchSpeed& batch, Console& console) {
  console.line("batch " + std::to_string(batch.batch_size) + ": " +
               fixed_text(batch.milliseconds, 3) + " ms an image, " +
               fixed_text(1e3 / batch.milliseconds, 1) + " images a second, " +
               std::to_string(batch.activation_bytes >> 20) + " MiB of activations");
  if (batch.training_milliseconds)
    console.line("  a training step: " + fixed_text(*batch.training_milliseconds, 3) +
                 " ms an image, " + fixed_text(1e3 / *batch.training_milliseconds, 1) +
                 " images a second");
  console.line(
      "  layer                    type            ms an image   GFLOP/s   of peak  kernel");
  for (const LayerSpeed& layer : batch.layers) {
    char text[200];
    std::snprintf(text, sizeof text, "  %-24s %-14s %12.3f  %8s  %8s  %s", layer.layer.c_str(),
                  layer.type.c_str(), layer.milliseconds,
                  layer.gflops ? fixed_text(*layer.gflops, 1).c_str() : "",
                  layer.share_of_peak ? percent_text(*layer.share_of_peak, 0).c_str() : "",
                  layer.kernel.c_str());
    console.line(text);
  }
}

void require_one_subject(BenchConfig& c, const std::string&) {
  if (!c.model.empty() && !c.arch.empty())
    throw ConfigError("/bench has both model and arch, expected one");
  if (c.int8 && c.arch.empty())
    throw ConfigError("/bench/int8 is for arch: `quantize` makes a model run in integers");
  if (c.int8 && c.training) throw ConfigError("/bench has both int8 and training, expected one");
  if (c.arch.empty() && c.input_size != 0)
    throw ConfigError("/bench/input_size is for arch: a model has its own");
}

}  // namespace

const Fields<BenchConfig>& bench_fields() {
  using C = BenchConfig;
  static const Fields<C> fields(
      {
          {"model",
           &C::model,
           {"--model", "MODEL", "What `train` or `quantize` wrote (default: the shipped model)"}},
          {"arch",
           &C::arch,
           {"--arch", "NAME", "Instead of a model, with random weights: vgg16, ..."}},
          {"input_size",
           &C::input_size,
           {"--input-size", "", "Side of the input of --arch in pixels"},
           between(0, 4096)},
          {"layer", &C::layer, {"--layer", "NAME", "The last layer to run: block5_pool"}},
          {"batch_sizes",
           &C::batch_sizes,
           {"--batch-size", "", "Images computed at once"},
           each(between(std::int64_t{1}, kMostImagesAtOnce))},
          {"training", &C::training, {"--training", "", "Time a step of training, too"}},
          {"int8", &C::int8, {"--int8", "", "All convolutions of --arch in 8-bit integers"}},
          {"seconds",
           &C::seconds,
           {"--seconds", "", "Least time of each measurement"},
           between(0, 3600)},
          {"output", &C::output, {"-o,--output", "FILE", "The figures as JSON"}},
      },
      require_one_subject);
  return fields;
}

Json to_json(const BenchResult& result) {
  Json batches = Json::array();
  for (const BatchSpeed& batch : result.batches) {
    Json layers = Json::array();
    for (const LayerSpeed& layer : batch.layers) {
      layers.push_back({{"layer", layer.layer},
                        {"type", layer.type},
                        {"kernel", layer.kernel},
                        {"milliseconds", layer.milliseconds}});
      if (layer.gflops) {
        layers.back()["gflops"] = *layer.gflops;
        layers.back()["share_of_peak"] = *layer.share_of_peak;
      }
    }
    Json json{{"batch_size", batch.batch_size},
              {"milliseconds", batch.milliseconds},
              {"images_per_second", 1e3 / batch.milliseconds},
              {"activation_bytes", batch.activation_bytes}};
    if (batch.training_milliseconds) json["training_milliseconds"] = *batch.training_milliseconds;
    json["layers"] = std::move(layers);
    batches.push_back(std::move(json));
  }
  Json json{{"machine", result.machine},
            {"network", result.network},
            {"peak_gflops", result.peaks.floats}};
  if (result.peaks.integers) json["integer_peak_gops"] = *result.peaks.integers;
  json["batches"] = std::move(batches);
  return json;
}

BenchResult bench(Backend& backend, const BenchConfig& config, Console& console) {
  const OutputClaim claim = config.output.empty() ? OutputClaim() : claim_file(config.output);
  const Subject subject = subject_of(config, console.stop());
  BenchResult result{.machine = backend.machine(),
                     .network = subject.name + ", input " + to_string(subject.spec.input),
                     .peaks = {.floats = measure_peak(backend, console.stop())},
                     .batches = {}};
  if (!subject.quantization.empty())
    result.peaks.integers = measure_integer_peak(backend, console.stop());
  console.line(result.machine);
  console.line(result.network + ", " + std::to_string(parameter_count(subject.spec)) +
               " parameters");
  console.line("peak: " + fixed_text(result.peaks.floats, 0) + " GFLOP/s in f32" +
               (result.peaks.integers
                    ? ", " + fixed_text(*result.peaks.integers, 0) + " GOP/s in 8-bit integers"
                    : "") +
               ", products of matrices; all figures are medians");
  const Measuring how{config.seconds, config.training, console.stop()};
  for (const std::int64_t batch_size : config.batch_sizes) {
    result.batches.push_back(time_batch(backend, subject, result.peaks, batch_size, how));
    print(result.batches.back(), console);
  }
  if (!config.output.empty()) write_file(config.output, to_json(result).dump(2) + "\n");
  return result;
}

}  // namespace steelsight
