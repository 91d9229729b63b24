#pragma once
// Cuts networks apart and gives them new tops: what freezing, feature extraction and transfer are
// made of. Specs are taken as valid (resolve()), or their errors are thrown.
#include <string>
#include <utility>
#include <vector>

#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

bool has_layer(const NetworkSpec& spec, const std::string& name);

// The layer of that name, or the last layer whose name begins with it and a '.' or '_': "layer3"
// is the last layer of ResNet's third stage, "block5" VGG16's block5_pool. Throws ModelError that
// lists what there is.
std::string find_layer(const NetworkSpec& spec, const std::string& name);

// The layers up to `layer`, whose output is then the network's. Layers that it does not need are
// left out.
NetworkSpec trunk_of(const NetworkSpec& spec, const std::string& layer);

// The layers behind `layer`, whose output is then their "input". Throws ModelError if one of them
// also reads something before the cut, or if there are none.
NetworkSpec rest_of(const NetworkSpec& spec, const std::string& layer);

// Whether rest_of() can cut at `layer`: something follows, and it reads nothing before the cut.
bool can_be_cut(const NetworkSpec& spec, const std::string& layer);

// trunk_of, then each of the layers pooled to a vector (global average) and all joined: one output
// C1 + C2 + ..., in the order asked for. The last layer is named kFeaturesLayer unless one layer
// alone already gives a vector.
inline constexpr const char* kFeaturesLayer = "features";
NetworkSpec pooled_features(const NetworkSpec& spec, const std::vector<std::string>& layers);

// The last layer of each stage, from the input on, at most the last `most`: a stage is what lies
// between two reductions of the map, a pooling at its end included, and ends where all that follows
// reads nothing else. ResNet-50's last three are the ends of layer2, layer3 and layer4, VGG16's the
// poolings of its blocks. Throws ModelError for a network without maps.
std::vector<std::string> stage_ends(const NetworkSpec& spec, std::size_t most);

// A classifier on pooled features: they are standardised by a batch norm named kFeaturesNorm, which
// is never trained, and told apart by one dense layer, "predictions".
inline constexpr const char* kFeaturesNorm = "features_norm";
NetworkSpec classifier_on_features(const NetworkSpec& spec, const std::vector<std::string>& layers,
                                   std::int64_t classes);

// The last dense layer if the network's output is its output (a softmax may follow): its name, or
// "" for networks that end otherwise.
std::string head_of(const NetworkSpec& spec);

// What the head reads, dropout skipped: the vector that stands for an image. "input" if the head
// reads the network's input. Throws ModelError without a head.
std::string features_layer(const NetworkSpec& spec);

// The same network with `outputs` outputs of its head. Throws ModelError without a head.
NetworkSpec with_outputs(NetworkSpec spec, std::int64_t outputs);

// The tensors of `parameters` that belong to the spec. What is missing stays missing.
TensorMap parameters_of(const NetworkSpec& spec, const TensorMap& parameters);

// The layer of a parameter: "layer1.0.conv1.weight" -> "layer1.0.conv1".
std::string layer_of_parameter(const std::string& parameter);

// A head's weight (outputs x features) and bias with rows in another order: row i is row from[i] of
// the old ones, or stays as it is in `fresh` where from[i] is -1.
Tensor reordered_rows(const Tensor& old_rows, Tensor fresh, const std::vector<int>& from);

}  // namespace steelsight
