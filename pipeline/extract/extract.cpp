#include "pipeline/extract/extract.hpp"

#include <charconv>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "datasets/csv.hpp"
#include "datasets/open_dataset.hpp"
#include "models/error.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/command/pretrained.hpp"
#include "pipeline/extract/npy.hpp"
#include "pipeline/features/architecture.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/features/preparation.hpp"

namespace steelsight {
namespace {

FeatureNetwork load_network(const ExtractConfig& config, Console& console) {
  if (!config.model.empty()) {
    Model model = load_model(config.model, console.stop());
    const Preparation preparation = preparation_of(model);
    return {.spec = std::move(model.spec),
            .parameters = std::move(model.parameters),
            .preprocessing = image_preparation(preparation)};
  }
  Architecture architecture =
      make_architecture(config.arch, {.classes = 0, .weights = config.weights});
  WeightsForArchitecture weights = weights_for(architecture, config.weights, "without weights");
  console.line(weights.note);
  return {.spec = std::move(architecture.spec),
          .parameters = std::move(weights.parameters),
          .preprocessing = weights.preprocessing};
}

// Keeps only the spec's parameters. A weights file need not have all of them.
void drop_unused_parameters(FeatureNetwork& network, const ExtractConfig& config) {
  TensorMap used;
  for (const ParameterSpec& parameter : parameter_specs(network.spec)) {
    auto found = network.parameters.extract(parameter.name);
    if (found.empty())
      throw ModelError(config.weights + ": has nothing for '" + parameter.name +
                       "', which these features need: ask for a layer before it (--layer)");
    used.insert(std::move(found));
  }
  network.parameters = std::move(used);
}

void cut(FeatureNetwork& network, const ExtractConfig& config) {
  std::vector<std::string> layers;
  for (const std::string& layer : config.layers)
    layers.push_back(layer == "features" ? features_layer(network.spec)
                                         : find_layer(network.spec, layer));
  if (!config.pooled && layers.size() != 1)
    throw ConfigError("/extract/layers has " + std::to_string(layers.size()) +
                      " layers, expected one where pooled is false: only vectors can be joined");
  network.spec =
      config.pooled ? pooled_features(network.spec, layers) : trunk_of(network.spec, layers[0]);
  drop_unused_parameters(network, config);
}

std::string number(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

class FeatureTableWriter {
 public:
  FeatureTableWriter(const fs::path& file, std::size_t columns) : file_(file) {
    std::vector<std::string> header{"path", "label", "error"};
    for (std::size_t c = 0; c < columns; ++c) header.push_back("f" + std::to_string(c));
    file_.write(csv_row(header));
  }
  void write(const std::string& path, const std::string& label, const std::string& error,
             std::span<const float> row) {
    std::vector<std::string> cells{text_cell(path), text_cell(label), text_cell(error)};
    for (const float value : row) cells.push_back(error.empty() ? number(value) : "");
    file_.write(csv_row(cells));
  }
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
};

void complete_network(ExtractConfig& c, const std::string&) {
  if (c.arch.empty() != c.weights.empty())
    throw ConfigError("extract takes --arch NAME and --weights FILE together, or --model MODEL");
  if (!c.model.empty() && !c.arch.empty())
    throw ConfigError("extract takes --model, or --arch and --weights, not both");
  if (c.model.empty() && c.arch.empty()) c.model = pretrained_model().string();
}

}  // namespace

FeatureNetwork feature_network(const ExtractConfig& config, Console& console) {
  FeatureNetwork network = load_network(config, console);
  cut(network, config);
  return network;
}

ExtractResult extract(Backend& backend, const ExtractConfig& config, Console& console) {
  const OutputClaim claim = claim_file(config.output + ".npy");
  FeatureNetwork network = feature_network(config, console);
  const Dataset dataset = open_images(config.dataset, Labels::optional);
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  std::vector<fs::path> paths;
  for (const Sample& sample : dataset.samples) paths.push_back(sample.path);
  const Features features = extract_features(backend, std::move(network), paths,
                                             {.augmentation = {},
                                              .cache = config.cache,
                                              .cache_option = "/extract/cache",
                                              .batch_size = config.batch_size,
                                              .loader_threads = config.loader_threads},
                                             console);

  Shape shape{static_cast<std::int64_t>(paths.size())};
  shape.insert(shape.end(), features.shape.begin(), features.shape.end());
  NpyWriter npy(config.output + ".npy", shape);
  const std::vector<float> nothing(features.row_floats(), std::numeric_limits<float>::quiet_NaN());
  const auto row_of = [&](std::size_t image) -> std::span<const float> {
    if (features.errors.contains(image)) return nothing;
    return features.row(image);
  };
  for (std::size_t image = 0; image < paths.size(); ++image) npy.write(row_of(image));
  npy.commit();
  if (features.shape.size() == 1) {
    FeatureTableWriter csv(config.output + ".csv", features.row_floats());
    for (std::size_t image = 0; image < paths.size(); ++image) {
      const Sample& sample = dataset.samples[image];
      const auto error = features.errors.find(image);
      csv.write(sample.path.string(),
                sample.label ? dataset.class_names[*sample.label] : std::string(),
                error == features.errors.end() ? "" : error->second, row_of(image));
    }
    csv.commit();
  }
  console.line(to_string(shape) + " features in " + config.output + ".npy");
  if (!features.errors.empty())
    console.line(
        std::to_string(features.errors.size()) +
        " images could not be read: rows of NaN; the first: " + features.errors.begin()->second);
  return {.images = paths.size(), .errors = features.errors.size()};
}

const Fields<ExtractConfig>& extract_fields() {
  using C = ExtractConfig;
  static const Fields<C> fields(
      {
          {"dataset",
           &C::dataset,
           {"dataset", "DATASET", "As for train; labels may be missing"},
           required("a folder or list")},
          {"output",
           &C::output,
           {"-o,--output", "FEATURES", "FEATURES.npy and FEATURES.csv are written"},
           required("-o FEATURES, for FEATURES.npy and .csv")},
          {"model", &C::model, {"--model", "MODEL", "What `train` wrote"}},
          {"arch", &C::arch, {"--arch", "NAME", "Instead of a model: resnet50, vgg16, ..."}},
          {"weights", &C::weights, {"--weights", "FILE", "The weights of --arch"}},
          {"layers",
           &C::layers,
           {"--layer", "",
            "Layers to pool and join: layer3,layer4; 'features': what the last dense layer reads"},
           required("a layer's name")},
          {"pooled",
           &C::pooled,
           {"", "", "Average maps to vectors; false: one layer's maps as they are"}},
          {"cache", &C::cache, {"", "", "Folder for features that are kept"}},
          batch_size_field<C>(),
          loader_threads_field<C>(),
      },
      complete_network);
  return fields;
}

}  // namespace steelsight
