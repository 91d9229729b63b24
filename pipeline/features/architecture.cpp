#include "pipeline/features/architecture.hpp"

#include <algorithm>

#include "core/file_kind.hpp"
#include "core/file_reader.hpp"
#include "models/error.hpp"
#include "models/weights.hpp"

namespace steelsight {
namespace {

constexpr int kSlimInputSize = 112;  // argued in docs/design.md
constexpr int kImageNetInputSize = 224;
constexpr std::int64_t kImageNetClasses = 1000;

Preprocessing square(Preprocessing preprocessing, int size) {
  preprocessing.width = preprocessing.height = size;
  return preprocessing;
}

std::string read_text(const std::string& file) {
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 24;
  const FileReader reader(file);  // no FIFO: nothing is waited for
  if (reader.size() > kMaxBytes)
    throw ModelError("has " + std::to_string(reader.size()) +
                     " bytes, expected a network spec of at most " + std::to_string(kMaxBytes));
  std::string text(reader.size(), '\0');
  if (!reader.read(text.data(), text.size(), 0)) throw ModelError("reading failed");
  return text;
}

NetworkSpec read_spec(const std::string& file, std::int64_t classes) {
  try {
    NetworkSpec spec = network_spec_from_json(parse_json(read_text(file), ""));
    const Shape output = resolve(spec).back().output;
    if (classes != 0 && output != Shape{classes})
      throw ModelError("the last layer's output is " + to_string(output) + ", the data set has " +
                       std::to_string(classes) + " classes");
    return spec;
  } catch (const FileError& error) {  // names the file
    throw ModelError(error.what());
  } catch (const ConfigError& error) {  // in the JSON
    throw ModelError(file + ": " + error.what());
  } catch (const ModelError& error) {  // in the network
    throw ModelError(file + ": " + error.what());
  }
}

// Says of an unknown name whether it is a file of another kind.
[[noreturn]] void fail_unknown(const std::string& name, const std::string& expected) {
  const std::string mistaken =
      mistaken_for(kind_of_file(name), "a network spec whose name ends in .json");
  throw ConfigError("arch is '" + name + "', expected " + expected +
                    (mistaken.empty() ? "" : "; the file " + mistaken));
}

Architecture from_file(const std::string& file, const ArchitectureOptions& options) {
  Architecture architecture{.spec = read_spec(file, options.classes), .preprocessing = {}};
  const Shape& input = architecture.spec.input;
  if (input.size() != 3 || (input[0] != 1 && input[0] != 3))
    throw ModelError(file + ": input is " + to_string(input) +
                     ", expected 1 or 3 channels, height, width");
  if (options.input_size != 0 && (input[1] != options.input_size || input[2] != options.input_size))
    throw ModelError(file + ": input is " + to_string(input) + ", not " +
                     std::to_string(options.input_size) +
                     " pixels; an input size is given to named architectures alone");
  architecture.preprocessing = input[0] == 1 ? from_scratch(1) : torchvision_vgg16();
  architecture.preprocessing.height = static_cast<int>(input[1]);
  architecture.preprocessing.width = static_cast<int>(input[2]);
  validate(architecture.preprocessing);
  return architecture;
}

// The convention of the weights decides how images are prepared; sizes are the architecture's.
Preprocessing prepared_for(WeightsConvention convention, const Preprocessing& own) {
  if (convention != WeightsConvention::keras_caffe || own.channels() != 3) return own;
  Preprocessing keras = keras_vgg16();
  keras.width = own.width;
  keras.height = own.height;
  return keras;
}

std::string list_text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 6;
  std::string text = std::to_string(names.size());
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    text += (i == 0 ? " (" : ", ") + names[i];
  if (names.empty()) return text;
  return text + (names.size() > kShown ? ", ...)" : ")");
}

}  // namespace

Architecture make_architecture(const std::string& name, const ArchitectureOptions& options) {
  const std::int64_t classes = options.classes == 0 ? kImageNetClasses : options.classes;
  if (name == "vgg16-slim") {
    const int size = options.input_size == 0 ? kSlimInputSize : options.input_size;
    return {vgg16_slim({.classes = classes,
                        .width = options.width,
                        .input = {1, size, size},
                        .dropout = static_cast<float>(options.dropout)}),
            from_scratch(size)};
  }
  if (name == "vgg16" || name == "vgg16-bn") {
    const int size = options.input_size == 0 ? kImageNetInputSize : options.input_size;
    return {vgg16({.classes = classes, .batch_norm = name == "vgg16-bn", .input = {3, size, size}}),
            square(torchvision_vgg16(), size)};
  }
  if (name == "resnet50") {
    const int size = options.input_size == 0 ? kImageNetInputSize : options.input_size;
    ResnetOptions resnet =
        options.weights.empty() ? ResnetOptions{} : resnet_variant(options.weights);
    resnet.classes = classes;
    resnet.input = {3, size, size};
    return {resnet50(resnet), square(torchvision_vgg16(), size)};
  }
  if (name.ends_with(".json")) return from_file(name, options);
  fail_unknown(name, "vgg16, vgg16-bn, vgg16-slim, resnet50 or the path of a SPEC.json for images");
}

NetworkSpec make_table_network(const std::string& name, const MlpOptions& options) {
  if (name == "mlp") return mlp(options);
  if (!name.ends_with(".json"))
    fail_unknown(name, "mlp or the path of a SPEC.json for a table of numbers");
  NetworkSpec spec = read_spec(name, options.classes);
  if (spec.input != Shape{options.features})
    throw ModelError(name + ": input is " + to_string(spec.input) + ", the table has " +
                     std::to_string(options.features) + " features");
  return spec;
}

WeightsForArchitecture weights_for(const Architecture& architecture, const std::string& file,
                                   const std::string& lacking) {
  ImportedWeights imported = import_weights(file, architecture.spec);
  return {.parameters = std::move(imported.parameters),
          .preprocessing = prepared_for(imported.convention, architecture.preprocessing),
          .note = "weights of " + file + ": " + std::to_string(imported.matched.size()) +
                  " tensors taken; left out " + list_text(imported.left_out) + "; " + lacking +
                  " " + list_text(imported.fresh)};
}

}  // namespace steelsight
