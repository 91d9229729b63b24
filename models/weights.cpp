#include "models/weights.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "models/error.hpp"
#include "models/keras_file.hpp"
#include "models/model_file.hpp"
#include "models/safetensors.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

// A tensor of the file under our name and in our layout, with the file's name for messages.
struct Candidate {
  std::string ours, theirs;
  Tensor tensor;
};

// ---- torchvision and timm ----

// "features.N" counts convolutions, batch norms, rectifiers and pools; "classifier.N" dense layers,
// rectifiers and dropouts. Gives their prefix of each of our layers that has parameters.
std::map<std::string, std::string> torchvision_vgg_layers(const NetworkSpec& spec) {
  std::map<std::string, std::string> theirs;
  int feature = 0, dense = 0;
  for (const LayerSpec& layer : spec.layers) {
    const bool in_head = dense > 0 || layer.type == LayerType::dense;
    if (layer.type == LayerType::flatten || layer.type == LayerType::global_avgpool) continue;
    if (in_head)
      theirs["classifier." + std::to_string(dense++)] = layer.name;
    else
      theirs["features." + std::to_string(feature++)] = layer.name;
  }
  return theirs;
}

// timm keeps the dense layers as convolutions under other names.
const std::map<std::string, std::string> kTimmDense{
    {"pre_logits.fc1", "fc1"}, {"pre_logits.fc2", "fc2"}, {"head.fc", "predictions"}};

// NOLINTNEXTLINE(performance-unnecessary-value-param): its tensors are moved from
std::vector<Candidate> from_torch(TensorMap tensors, const NetworkSpec& spec) {
  const bool vgg = tensors.contains("features.0.weight");
  const std::map<std::string, std::string> layers =
      vgg ? torchvision_vgg_layers(spec) : std::map<std::string, std::string>{};
  std::vector<Candidate> candidates;
  for (auto& [name, tensor] : tensors) {
    const std::string layer = layer_of_parameter(name);
    const std::string kind = name.size() > layer.size() ? name.substr(layer.size()) : "";
    if (kind == ".num_batches_tracked") continue;  // a counter, no weight
    std::string ours = name;
    if (const auto found = layers.find(layer); found != layers.end()) ours = found->second + kind;
    if (const auto found = kTimmDense.find(layer); found != kTimmDense.end() && vgg) {
      ours = found->second + kind;
      if (tensor.shape.size() == 4)  // out,in,7,7 and out,in,1,1: the order of our flatten
        tensor.shape = {tensor.shape[0], tensor.shape[1] * tensor.shape[2] * tensor.shape[3]};
    }
    candidates.push_back({std::move(ours), name, std::move(tensor)});
  }
  return candidates;
}

// ---- Keras ----

// Rows, columns, in, out -> out, in, rows, columns.
Tensor hwio_to_oihw(const Tensor& from) {
  const auto& s = from.shape;
  Tensor to{{s[3], s[2], s[0], s[1]}, std::vector<float>(from.values.size())};
  if (from.values.empty()) return to;  // whatever its other dimensions claim
  std::size_t at = 0;
  for (std::int64_t hw = 0; hw < s[0] * s[1]; ++hw)
    for (std::int64_t i = 0; i < s[2]; ++i)
      for (std::int64_t o = 0; o < s[3]; ++o)
        to.values[static_cast<std::size_t>((o * s[2] + i) * s[0] * s[1] + hw)] = from.values[at++];
  return to;
}

// in,out -> out,in. Behind a flatten of C,H,W, Keras counts the inputs by H,W,C.
Tensor dense_weight(const Tensor& from, const Shape& flattened) {
  const std::int64_t in = from.shape[0], out = from.shape[1];
  Tensor to{{out, in}, std::vector<float>(from.values.size())};
  if (from.values.empty()) return to;
  const bool permute = flattened.size() == 3 && element_count(flattened) == in;
  for (std::int64_t i = 0; i < in; ++i) {
    std::int64_t place = i;
    if (permute) {
      const std::int64_t channels = flattened[0], pixels = flattened[1] * flattened[2];
      place = i % channels * pixels + i / channels;
    }
    for (std::int64_t o = 0; o < out; ++o)
      to.values[static_cast<std::size_t>(o * in + place)] =
          from.values[static_cast<std::size_t>(i * out + o)];
  }
  return to;
}

// For each dense layer that reads a flatten, the shape that was flattened.
std::map<std::string, Shape> flattened_shapes(const NetworkSpec& spec) {
  const std::vector<LayerGraph> graph = resolve(spec);
  std::map<std::string, Shape> shapes;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const std::size_t input = graph[i].inputs[0];
    if (spec.layers[i].type != LayerType::dense || input == 0) continue;
    if (spec.layers[input - 1].type != LayerType::flatten) continue;
    const std::size_t before = graph[input - 1].inputs[0];
    shapes[spec.layers[i].name] = before == 0 ? spec.input : graph[before - 1].output;
  }
  return shapes;
}

// ".weight" of "block1_conv1/kernel:0", told by shape where the name doesn't: "conv_W_1:0".
std::string kind_of(const KerasTensor& weight) {
  const std::string name = weight.name.substr(weight.name.rfind('/') + 1);
  for (const auto& [theirs, ours] : {std::pair{"gamma", ".weight"},
                                     {"beta", ".bias"},
                                     {"moving_mean", ".running_mean"},
                                     {"moving_variance", ".running_var"}})
    if (name.find(theirs) != std::string::npos) return ours;
  return weight.tensor.shape.size() > 1 ? ".weight" : ".bias";
}

// A model can be a layer of another one: its group lists the tensors of all its layers, and the
// layer is the path before a tensor's own name.
std::string layer_of(const KerasLayer& layer, const KerasTensor& weight, const NetworkSpec& spec) {
  const std::string inner = weight.name.substr(0, weight.name.rfind('/'));
  const auto ours = [&](const std::string& name) {
    return std::ranges::any_of(spec.layers, [&](const LayerSpec& l) { return l.name == name; });
  };
  return !ours(layer.name) && ours(inner) ? inner : layer.name;
}

std::vector<Candidate> from_keras(std::vector<KerasLayer> layers, const NetworkSpec& spec) {
  const std::map<std::string, Shape> flattened = flattened_shapes(spec);
  std::vector<Candidate> candidates;
  for (KerasLayer& layer : layers)
    for (KerasTensor& weight : layer.weights) {
      const std::string name = layer_of(layer, weight, spec);
      const std::string kind = kind_of(weight);
      Tensor tensor = std::move(weight.tensor);
      if (tensor.shape.size() == 4) tensor = hwio_to_oihw(tensor);
      if (tensor.shape.size() == 2) {
        const auto shape = flattened.find(name);
        tensor = dense_weight(tensor, shape == flattened.end() ? Shape{} : shape->second);
      }
      candidates.push_back({name + kind, layer.name + "/" + weight.name, std::move(tensor)});
    }
  return candidates;
}

// ---- both ----

// The integers of a quantised model are no weights without their steps.
TensorMap read_tensors(const fs::path& file) {
  SafetensorsFile content = read_safetensors(file);
  const bool ours = content.metadata.contains("steelsight");
  return ours ? load_model(file).parameters : std::move(content.tensors);
}

// The name of the batch norm behind each layer that has no bias and is read by one.
std::map<std::string, std::string> batch_norms_behind(const NetworkSpec& spec) {
  const std::vector<LayerGraph> graph = resolve(spec);
  std::map<std::string, std::string> norms;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const std::size_t input = graph[i].inputs[0];
    if (spec.layers[i].type != LayerType::batchnorm || input == 0) continue;
    if (spec.layers[input - 1].bias) continue;
    norms[spec.layers[input - 1].name] = spec.layers[i].name;
  }
  return norms;
}

class Matching {
 public:
  explicit Matching(const NetworkSpec& spec)
      : order_(parameter_specs(spec)), head_(head_of(spec)), norm_of_(batch_norms_behind(spec)) {
    for (const ParameterSpec& parameter : order_) wanted_[parameter.name] = parameter.shape;
  }

  void take(Candidate candidate) {
    const auto found = wanted_.find(candidate.ours);
    if (found == wanted_.end()) return take_surplus(std::move(candidate));
    if (const auto before = theirs_.find(candidate.ours); before != theirs_.end())
      throw ModelError("'" + before->second + "' and '" + candidate.theirs + "' are both '" +
                       candidate.ours + "'");
    if (candidate.tensor.shape != found->second) return refuse(candidate, found->second);
    theirs_[candidate.ours] = candidate.theirs;
    imported_.matched.push_back(candidate.ours);
    imported_.parameters[candidate.ours] = std::move(candidate.tensor);
  }

  ImportedWeights finish() {
    for (const auto& [norm, bias] : surplus_biases_) move_mean(norm, bias);
    if (imported_.matched.empty())
      throw ModelError("has no tensor for this network" +
                       (imported_.left_out.empty() ? "" : "; its first: " + imported_.left_out[0]));
    for (const ParameterSpec& parameter : order_) {
      if (!imported_.parameters.contains(parameter.name))
        imported_.fresh.push_back(parameter.name);
      else if (!imported_.fresh.empty())
        throw ModelError(
            "has nothing for '" + imported_.fresh[0] + "', but for '" + parameter.name +
            "' behind it: only a network's end may be missing; is the file of another network?");
    }
    return std::move(imported_);
  }

 private:
  // torchvision's VGG16 with batch norm has biases before it.
  void take_surplus(Candidate candidate) {
    const auto norm = norm_of_.find(layer_of_parameter(candidate.ours));
    if (norm != norm_of_.end() && candidate.ours.ends_with(".bias"))
      surplus_biases_.emplace(norm->second, std::move(candidate));
    else
      imported_.left_out.push_back(candidate.theirs + ": the network has no such layer");
  }

  void refuse(const Candidate& candidate, const Shape& expected) {
    const std::string shapes =
        to_string(candidate.tensor.shape) + ", expected " + to_string(expected);
    if (layer_of_parameter(candidate.ours) != head_)
      throw ModelError("'" + candidate.theirs + "' is " + shapes + " for '" + candidate.ours +
                       "': is the file of another network?");
    imported_.left_out.push_back(candidate.theirs + ": is " + shapes + " for the classes here");
  }

  // A batch norm takes the mean away, and with it any bias: norm(x + b) is norm(x) with the mean
  // less b.
  void move_mean(const std::string& norm, const Candidate& bias) {
    const auto mean = imported_.parameters.find(norm + ".running_mean");
    if (mean == imported_.parameters.end()) return;
    if (bias.tensor.shape != mean->second.shape) return refuse(bias, mean->second.shape);
    std::ranges::transform(mean->second.values, bias.tensor.values, mean->second.values.begin(),
                           std::minus());
  }

  const std::vector<ParameterSpec> order_;
  const std::string head_;
  const std::map<std::string, std::string> norm_of_;
  std::map<std::string, Shape> wanted_;
  std::map<std::string, std::string> theirs_;        // by our name
  std::map<std::string, Candidate> surplus_biases_;  // by their batch norm
  ImportedWeights imported_;
};

}  // namespace

ImportedWeights import_weights(const fs::path& file, const NetworkSpec& spec) {
  const bool keras = is_hdf5(file);
  std::vector<Candidate> candidates =
      keras ? from_keras(read_keras_file(file), spec) : from_torch(read_tensors(file), spec);
  try {
    Matching matching(spec);
    for (Candidate& candidate : candidates) matching.take(std::move(candidate));
    ImportedWeights imported = matching.finish();
    imported.convention = keras ? WeightsConvention::keras_caffe : WeightsConvention::torchvision;
    return imported;
  } catch (const ModelError& error) {
    throw ModelError(file.string() + ": " + error.what());
  }
}

ResnetOptions resnet_variant(const fs::path& file) {
  const SafetensorsFile content = read_safetensors(file);
  const auto stride = content.metadata.find("stride");
  return {.stride_in_first =
              stride != content.metadata.end() && stride->second.starts_with("in the first 1x1"),
          .batch_norm = content.tensors.contains("bn1.running_mean")};
}

}  // namespace steelsight
