#include "pipeline/quantize/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "datasets/open_dataset.hpp"
#include "evaluation/number_text.hpp"
#include "models/error.hpp"
#include "models/fold.hpp"
#include "models/loss.hpp"
#include "models/model_file.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/features/image_network.hpp"
#include "pipeline/predict/novelty.hpp"
#include "pipeline/quantize/activation_ranges.hpp"

namespace steelsight {
namespace {

struct Images {
  Examples examples;
  std::vector<int> labels;  // places in the model's classes; -1 for none of them
};

Images images_of(const Dataset& dataset, const Model& model) {
  std::vector<std::size_t> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  Images images{.examples = examples_of(dataset, all), .labels = {}};
  for (const Sample& sample : dataset.samples) {
    const auto place =
        sample.label ? std::ranges::find(model.class_names, dataset.class_names[*sample.label])
                     : model.class_names.end();
    images.labels.push_back(place == model.class_names.end()
                                ? -1
                                : static_cast<int>(place - model.class_names.begin()));
  }
  return images;
}

// Positions of about `count`, as many of each class.
std::vector<std::size_t> select(const Images& images, std::int64_t count, std::uint64_t seed) {
  std::vector<int> classes = images.labels;
  std::ranges::sort(classes);
  const auto n =
      static_cast<std::int64_t>(std::unique(classes.begin(), classes.end()) - classes.begin());
  const auto per_class = static_cast<std::size_t>((count + n - 1) / n);
  return select_per_class(images.labels, per_class, seed);
}

template <class T>
std::vector<T> those_at(const std::vector<T>& all, const std::vector<std::size_t>& positions) {
  std::vector<T> some;
  for (const std::size_t position : positions) some.push_back(all[position]);
  return some;
}

// A row for each example.
using Logits = std::vector<std::vector<float>>;

// The logits of an image that could be read before.
std::span<const float> logits_of(const ImageOutput& output) {
  if (!output.error.empty()) throw DatasetError(output.error);
  return output.logits;
}

void refuse_to_replace(const std::string& model, const std::string& output) {
  boost::system::error_code ignored;  // where a file doesn't exist yet
  if (!model.empty() && fs::equivalent(model, output, ignored))
    throw ConfigError("/quantize/output is the model itself, which would be lost: name another");
}

class Quantizing {
 public:
  Quantizing(Backend& backend, const QuantizeConfig& config, Console& console)
      : backend_(backend),
        config_(config),
        console_(console),
        model_(load_classifier(config.model, console.stop())) {
    refuse_to_replace(config.model, config.output);
    if (!model_.quantization.empty()) throw ModelError(config.model + ": is quantised already");
    image_preparation(preparation_of(model_));  // throws for a model that reads a table
    simplify_for_inference(model_.spec, model_.parameters);
    layers_ = quantizable_layers(model_.spec);
    if (layers_.empty())
      throw ModelError(config.model + ": has no convolution that could run in integers");
  }

  QuantizeResult run() {
    const Dataset dataset = open_images(config_.calibrate, Labels::optional);
    for (const std::string& warning : dataset.warnings) console_.warning(warning);
    Images images = images_of(dataset, model_);
    const Logits floats = floats_of_readable(images);
    const std::vector<std::size_t> drawn = select(images, config_.images, config_.seed);
    const Examples few = images.examples.select(drawn);
    const Quantization ranges = ranges_on(few);
    QuantizeResult result;
    const std::map<std::string, double> errors =
        layer_errors(ranges, few, those_at(floats, drawn), result);
    model_.quantization = {.layers = {result.integer_layers.begin(), result.integer_layers.end()},
                           .values = ranges.values,
                           .figures = Json::object()};
    if (result.integer_layers.empty())
      throw ModelError(config_.model +
                       ": every convolution loses more than --max-layer-error allows");
    compare(images, floats, result);
    model_.quantization.figures = describe(errors, few.size(), result);
    return result;
  }

  // The integers' own weights, so that the file is what was measured.
  const Model& quantised() const { return model_; }

 private:
  // Logits in f32. Removes images that can't be read from `images`.
  Logits floats_of_readable(Images& images) {
    Logits logits;
    std::vector<std::size_t> readable;
    std::vector<std::string> errors;
    classify_all("in f32", {}, images.examples, [&](const ImageOutput& output) {
      if (!output.error.empty()) return errors.push_back(output.error);
      readable.push_back(output.item);
      logits.emplace_back(output.logits.begin(), output.logits.end());
    });
    if (!errors.empty()) {
      const std::string text = std::to_string(errors.size()) + " of " +
                               std::to_string(images.examples.size()) +
                               " images can't be read; the first: " + errors[0];
      if (readable.empty()) throw DatasetError(config_.calibrate + ": " + text);
      console_.warning(text);
    }
    images = {.examples = images.examples.select(readable),
              .labels = those_at(images.labels, readable)};
    return logits;
  }

  Quantization ranges_on(const Examples& examples) {
    std::set<std::string> values;
    for (const std::string& layer : layers_) values.insert(value_read(model_.spec, layer));
    const std::unique_ptr<ExampleSource> source = open_examples(
        examples, preparation_of(model_), {.batch_size = 1, .threads = config_.loader_threads});
    Quantization ranges;
    for (const auto& [name, counts] : count_magnitudes(backend_, model_.spec, model_.parameters,
                                                       values, *source, console_.stop()))
      ranges.values[name] = range_of(counts, config_.percentile / 100);
    console_.line("ranges of " + std::to_string(values.size()) + " values from " +
                  std::to_string(examples.size()) + " images");
    return ranges;
  }

  // Images that can be read have logits.
  void classify(const Quantization& quantization, const Examples& examples,
                const std::function<void(const ImageOutput&)>& use) {
    Model model = model_;
    model.quantization = quantization;
    ImageNetwork(backend_, std::move(model), /*features=*/false,
                 {.batch_size = config_.batch_size,
                  .loader_threads = config_.loader_threads,
                  .stop = console_.stop()})
        .run(examples, use);
  }

  // The same with a bar: large networks take minutes.
  void classify_all(const char* doing, const Quantization& quantization, const Examples& examples,
                    const std::function<void(const ImageOutput&)>& use) {
    console_.start(doing, examples.size(), "images");
    classify(quantization, examples, [&](const ImageOutput& output) {
      use(output);
      console_.update(output.item + 1);
    });
    console_.finish();
  }

  // Each layer alone in integers, and in `result` to which kind it belongs by that.
  std::map<std::string, double> layer_errors(const Quantization& ranges, const Examples& examples,
                                             const Logits& floats, QuantizeResult& result) {
    std::map<std::string, double> errors;
    console_.start("judging layers", layers_.size(), "layers");
    for (const std::string& layer : layers_) {
      Quantization alone = ranges;
      alone.layers = {layer};
      Logits integers;
      classify(alone, examples, [&](const ImageOutput& output) {
        const std::span<const float> logits = logits_of(output);
        integers.emplace_back(logits.begin(), logits.end());
      });
      errors[layer] = relative_error(floats, integers);
      const bool fits = errors[layer] <= config_.max_layer_error;
      (fits ? result.integer_layers : result.float_layers).push_back(layer);
      console_.update(errors.size());
    }
    console_.finish();
    for (const std::string& layer : result.float_layers)
      console_.line(layer + " stays in f32: in integers it changes the logits by " +
                    percent_text(errors[layer], 2));
    return errors;
  }

  // Root mean square of the differences, relative to that of the logits about their mean.
  static double relative_error(const Logits& expected, const Logits& actual) {
    double differences = 0, spread = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const std::vector<float>& row = expected[i];
      const double mean =
          std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(row.size());
      for (std::size_t k = 0; k < row.size(); ++k) {
        differences += std::pow(row[k] - actual[i][k], 2);
        spread += std::pow(row[k] - mean, 2);
      }
    }
    return spread > 0 ? std::sqrt(differences / spread) : 0;
  }

  void compare(const Images& images, const Logits& floats, QuantizeResult& result) {
    const auto compare_one = [&](const ImageOutput& output) {
      const int in_floats = argmax(floats[output.item]), in_integers = argmax(logits_of(output));
      ++result.images;
      result.agreeing += in_floats == in_integers;
      const int label = images.labels[output.item];
      if (label < 0) return;
      ++result.in_floats.n;
      ++result.in_integers.n;
      result.in_floats.correct += in_floats == label;
      result.in_integers.correct += in_integers == label;
    };
    classify_all("in integers", model_.quantization, images.examples, compare_one);
  }

  Json describe(const std::map<std::string, double>& errors, std::size_t calibrated_on,
                const QuantizeResult& result) const {
    return {{"percentile", config_.percentile},
            {"calibrated_on", calibrated_on},
            {"seed", config_.seed},
            {"layer_errors", errors},
            {"n_images", result.images},
            {"n_agreeing", result.agreeing},
            {"n_labelled", result.in_floats.n},
            {"n_correct_f32", result.in_floats.correct},
            {"n_correct_int8", result.in_integers.correct}};
  }

  Backend& backend_;
  const QuantizeConfig& config_;
  Console& console_;
  Model model_;
  std::vector<std::string> layers_;
};

void print(const QuantizeResult& result, Console& console) {
  console.line(std::to_string(result.integer_layers.size()) + " of " +
               std::to_string(result.integer_layers.size() + result.float_layers.size()) +
               " convolutions in integers");
  if (result.in_floats.n > 0)
    console.line("accuracy " + percent_text(result.in_floats.value(), 2) + " in f32, " +
                 percent_text(result.in_integers.value(), 2) + " in integers, on " +
                 std::to_string(result.in_floats.n) + " images");
  console.line("the same class for " + std::to_string(result.agreeing) + " of " +
               std::to_string(result.images) + " images");
}

}  // namespace

QuantizeResult quantize(Backend& backend, const QuantizeConfig& config, Console& console) {
  const OutputClaim claim = claim_file(config.output);
  Quantizing quantizing(backend, config, console);
  QuantizeResult result = quantizing.run();
  save_model(config.output, quantizing.quantised());
  fs::path beside = config.output;
  write_config(beside.replace_extension(".config.json"), "quantize",
               quantize_fields().write(config));
  print(result, console);
  console.line("model in " + config.output);
  return result;
}

const Fields<QuantizeConfig>& quantize_fields() {
  using C = QuantizeConfig;
  static const Fields<C> fields(
      {
          {"model", &C::model, {"model", "MODEL", "What `train` wrote"}},
          {"calibrate",
           &C::calibrate,
           {"--calibrate", "DATASET",
            "Images like those to come; with labels, accuracies are compared too"},
           required("a data set like the images to come, --calibrate DATASET")},
          {"output",
           &C::output,
           {"-o,--output", "MODEL8", "The model to write, a .safetensors file"},
           model_file()},
          {"percentile",
           &C::percentile,
           {"--percentile", "",
            "Share of the values that are not clipped, in percent; 100: all (min-max)"},
           more_than_up_to(50, 100)},
          {"images",
           &C::images,
           {"--images", "", "Images that the ranges are taken from"},
           at_least(1)},
          {"max_layer_error",
           &C::max_layer_error,
           {"--max-layer-error", "",
            "A layer that alone changes the logits by more stays in f32; 0.1 is 10 %"},
           more_than(0)},
          batch_size_field<C>({"", "", "Images computed at once"}),
          {"seed", &C::seed},
          loader_threads_field<C>(),
      },
      default_to_shipped_model<C>);
  return fields;
}

}  // namespace steelsight
