#include "models/model_file.hpp"

#include <algorithm>
#include <set>

#include "core/content_hash.hpp"
#include "models/error.hpp"
#include "models/network.hpp"
#include "models/safetensors.hpp"

namespace steelsight {
namespace {

constexpr int kFormatVersion = 2;
constexpr const char* kDescriptionKey = "steelsight";
constexpr const char* kCheckpointKey = "steelsight.checkpoint";  // pipeline/train/checkpoint.cpp
// Activations of one image: 1 GiB. Keeps a hostile spec from asking for more memory than a machine
// has.
constexpr std::int64_t kMaxActivations = std::int64_t{1} << 28;

Json hashes_to_json(const std::vector<std::uint64_t>& hashes) {
  Json json = Json::array();
  for (const std::uint64_t hash : hashes) json.push_back(to_hex(hash));
  return json;
}

std::vector<std::uint64_t> read_hashes(JsonObject& object, const std::string& key) {
  std::vector<std::uint64_t> hashes;
  for (const std::string& digits : object.require<std::vector<std::string>>(key)) {
    try {
      hashes.push_back(from_hex(digits));
    } catch (const std::invalid_argument& error) {
      throw ConfigError(object.path() + "/" + key + ": " + error.what());
    }
  }
  std::ranges::sort(hashes);
  return hashes;
}

void check_classes(const Model& model) {
  const Shape output = resolve(model.spec).back().output;
  const auto count = static_cast<std::int64_t>(model.class_names.size());
  if (count == 0 ? output.size() != 1 : output != Shape{count})
    throw ModelError("the network's output is " + to_string(output) +
                     ", expected one for each of " + std::to_string(count) + " classes");
  std::set<std::string> unique(model.class_names.begin(), model.class_names.end());
  if (unique.size() != model.class_names.size() || unique.contains(""))
    throw ModelError("class names are empty or there twice");
  for (const std::string& name : model.class_names)
    if (name.find('\0') != std::string::npos)
      throw ModelError("the class name '" + name.substr(0, name.find('\0')) +
                       "' goes on behind a zero byte");
}

// Checks only what is read elsewhere: the rest is no more than a note.
void check_training(const Json& training) {
  if (!training.is_object()) throw ModelError("what it says of its training is not an object");
  for (const char* key : {"arch", "run"})
    if (training.contains(key) && !training[key].is_string())
      throw ModelError(std::string("/training/") + key + " is not a text");
  if (training.contains("extended") && !training["extended"].is_array())
    throw ModelError("/training/extended is not a list");
}

void check(const Model& model) {
  check_classes(model);
  check_training(model.training);
  check_parameters(model.spec, model.parameters);
  const std::int64_t activations = activation_count(model.spec);
  if (activations > kMaxActivations)
    throw ModelError("the network computes " + std::to_string(activations) +
                     " values for one image, the limit is " + std::to_string(kMaxActivations));
  check_memory(model.memory, model.spec, model.class_names.size());
  check_quantization(model.quantization, model.spec);
  if (!model.calibration.is_object()) throw ModelError("the calibration is not an object");
}

std::string steps_name(const std::string& layer) {
  return layer + ".weight_steps";
}

// The weights of quantised layers become floats again.
void take_steps(TensorMap& tensors, const Quantization& quantization) {
  for (const std::string& layer : quantization.layers) {
    const auto steps = tensors.extract(steps_name(layer));
    const auto weight = tensors.find(layer + ".weight");
    if (steps.empty() || weight == tensors.end())
      throw ModelError("of '" + steps_name(layer) + "' and '" + layer + ".weight' one is missing");
    Tensor& tensor = weight->second;
    const Values& values = steps.mapped().values;
    if (tensor.shape.empty() || !std::cmp_equal(tensor.shape[0], values.size()))
      throw ModelError("'" + steps_name(layer) + "' has " + std::to_string(values.size()) +
                       " values for a weight of " + to_string(tensor.shape));
    const std::size_t fan_in = values.empty() ? 0 : tensor.values.size() / values.size();
    for (std::size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] *= values[i / fan_in];
  }
}

// The other way round. Gives the names of the integers.
std::vector<std::string> add_steps(TensorMap& tensors, const Quantization& quantization) {
  std::vector<std::string> names;
  for (const std::string& layer : quantization.layers) {
    names.push_back(layer + ".weight");
    Tensor& weight = tensors.at(names.back());
    IntegerWeights integers = to_integers(weight);
    weight.values.own().assign(integers.values.begin(), integers.values.end());
    if (!tensors.emplace(steps_name(layer), Tensor{{weight.shape[0]}, std::move(integers.steps)})
             .second)
      throw ModelError("a parameter is named '" + steps_name(layer) +
                       "', as the steps of a quantised layer are");
  }
  return names;
}

const std::string& description(const SafetensorsFile& file) {
  const auto text = file.metadata.find(kDescriptionKey);
  if (text != file.metadata.end()) return text->second;
  if (file.metadata.contains(kCheckpointKey))
    throw ModelError(
        "is the checkpoint of a training that isn't complete: end it with `train --resume`, which "
        "writes the model");
  throw ModelError(
      "has no steelsight metadata: it holds weights of another program, which `train` takes as "
      "--weights of an --arch; a model is what `steelsight train` writes");
}

Model parse(SafetensorsFile file) {
  const Json json = parse_json(description(file), "metadata");
  JsonObject object(json, "");
  const int version = object.require<int>("format_version");
  if (version != kFormatVersion)
    throw ModelError("is of format version " + std::to_string(version) + ", this program reads " +
                     std::to_string(kFormatVersion) + ": train the model again");
  Model model;
  model.spec = network_spec_from_json(object.require<Json>("spec"));
  model.class_names = object.require<std::vector<std::string>>("classes");
  model.preprocessing = object.require<Json>("preprocessing");
  model.training = object.require<Json>("training");
  model.trained_images = read_hashes(object, "trained_images");
  model.validated_images = read_hashes(object, "validated_images");
  model.calibration = object.require<Json>("calibration");
  if (const Json* quantization = object.find("quantization"))
    model.quantization = quantization_from_json(*quantization);
  object.finish();
  model.memory = take_memory(file.tensors);
  take_steps(file.tensors, model.quantization);
  model.parameters = std::move(file.tensors);
  return model;
}

}  // namespace

Model load_model(const fs::path& file, const std::stop_token& stop) {
  SafetensorsFile content = read_safetensors(file, stop);
  try {
    Model model = parse(std::move(content));
    check(model);
    return model;
  } catch (const Error& error) {
    throw ModelError(file.string() + ": " + error.what());
  }
}

Model load_classifier(const fs::path& file, const std::stop_token& stop) {
  Model model = load_model(file, stop);
  if (model.class_names.empty())
    throw ModelError(file.string() +
                     ": is a backbone, which knows no classes; train a head for yours: steelsight "
                     "train DATASET --from " +
                     file.string() + " -o MODEL.safetensors");
  return model;
}

void save_model(const fs::path& file, const Model& model) {
  check(model);
  Json json{{"format_version", kFormatVersion},
            {"spec", to_json(model.spec)},
            {"classes", model.class_names},
            {"preprocessing", model.preprocessing},
            {"training", model.training},
            {"trained_images", hashes_to_json(model.trained_images)},
            {"validated_images", hashes_to_json(model.validated_images)},
            {"calibration", model.calibration}};
  if (!model.quantization.empty()) json["quantization"] = to_json(model.quantization);
  TensorMap tensors = model.parameters;
  std::map<std::string, StoredType> types;
  for (const std::string& name : add_steps(tensors, model.quantization))
    types[name] = StoredType::i8;
  for (auto& [name, tensor] : to_tensors(model.memory)) {
    if (tensor.shape.size() == 2) types[name] = StoredType::f16;  // not the labels
    if (!tensors.emplace(name, std::move(tensor)).second)
      throw ModelError("a parameter is named '" + name + "', as a tensor of the memory is");
  }
  write_safetensors(file, tensors, {{kDescriptionKey, json.dump()}}, types);
}

}  // namespace steelsight
