#include "pipeline/features/image_network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/interrupt.hpp"
#include "models/error.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

void require_finite(std::span<const float> outputs) {
  if (!std::ranges::all_of(outputs, [](float value) { return std::isfinite(value); }))
    throw ModelError(
        "the network's output is not a number: the model's weights are damaged, or "
        "its training diverged");
}

NetworkSpec outputs_of(const NetworkSpec& spec, bool features) {
  const std::vector<std::string> layers = memory_layers(spec);
  return features && !layers.empty() ? with_features(spec, layers) : spec;
}

std::optional<FeatureNetwork> up_to(const std::string& layer, const NetworkSpec& spec,
                                    const Model& model) {
  if (layer.empty() || !can_be_cut(spec, layer)) return std::nullopt;
  const NetworkSpec trunk = trunk_of(spec, layer);
  return FeatureNetwork{.spec = trunk,
                        .parameters = parameters_of(trunk, model.parameters),
                        .preprocessing = image_preparation(preparation_of(model))};
}

InferenceNetwork behind(const std::string& layer, const NetworkSpec& spec, Backend& backend,
                        TensorMap parameters, const InferenceNetwork::Options& options) {
  if (layer.empty()) return {backend, spec, std::move(parameters), options};
  const NetworkSpec rest = rest_of(spec, layer);
  return {backend, rest, parameters_of(rest, parameters), options};
}

}  // namespace

ImageNetwork::ImageNetwork(Backend& backend, Model model, bool features,
                           const ImageRunOptions& options)
    : backend_(backend),
      preparation_(preparation_of(model)),
      options_(options),
      classes_(model.class_names.size()),
      cached_(up_to(options.cached_layer, outputs_of(model.spec, features), model)),
      network_(behind(cached_ ? options.cached_layer : "", outputs_of(model.spec, features),
                      backend, std::move(model.parameters),
                      {.batch_size = options.batch_size,
                       .quantization = cached_ ? Quantization{} : model.quantization})) {}

std::unique_ptr<ExampleSource> ImageNetwork::open(const Examples& examples) {
  const auto batch = static_cast<std::size_t>(options_.batch_size);
  if (!cached_)
    return open_examples(
        examples, preparation_,
        {.batch_size = batch, .threads = options_.loader_threads, .limits = options_.limits});
  Console silent(/*quiet=*/true, options_.stop);
  return std::make_unique<FeatureSource>(
      extract_features(backend_, *cached_, examples.paths,
                       {.cache = options_.cache,
                        .batch_size = options_.batch_size,
                        .loader_threads = options_.loader_threads},
                       silent),
      batch);
}

void ImageNetwork::run(const Examples& examples,
                       const std::function<void(const ImageOutput&)>& use) {
  const std::unique_ptr<ExampleSource> source = open(examples);
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  source->start(std::move(order), Random(0));

  const auto width = static_cast<std::size_t>(network_.output_shape()[0]);
  std::vector<float> outputs;  // N x (classes and features)
  while (const std::optional<Batch> batch = source->next()) {
    throw_if_stopped(options_.stop, "running a network");
    const std::size_t count = batch->items.size();
    outputs.resize(count * width);
    network_.run(batch->planes, static_cast<std::int64_t>(count), outputs);
    require_finite(outputs);
    for (std::size_t i = 0; i < count; ++i) {
      ImageOutput result{batch->items[i], batch->errors[i], batch->hashes[i], {}, {}};
      if (result.error.empty()) {
        const std::span<const float> row = std::span(outputs).subspan(i * width, width);
        result.logits = row.first(classes_);
        result.features = row.subspan(classes_);
      }
      use(result);
    }
  }
}

}  // namespace steelsight
