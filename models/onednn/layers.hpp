#pragma once
// One function a layer type: appends the layer's forward steps to a program and, for training, says
// how its backward steps are appended. N images a batch; C,H,W channels, rows, columns; K outputs.
#include <functional>
#include <optional>
#include <vector>

#include "models/onednn/builder.hpp"
#include "models/spec.hpp"

namespace steelsight::onednn {

struct LayerArguments {
  const LayerSpec& layer;
  std::vector<Value> inputs;
  // An activation to compute along with this layer, if fuses_activation(); otherwise null.
  const LayerSpec* activation = nullptr;
};

// Appends backward steps: from the gradient of the layer's output to the gradients of its inputs
// (empty where not wanted) and of its parameters. Called once; what it holds is freed after that.
using Backward = std::function<std::vector<Value>(Builder&, const Value& diff_dst,
                                                  const std::vector<bool>& wanted)>;

struct Built {
  Value output;
  Backward backward;  // empty for inference
};

// N,C,H,W -> N,K,H',W'
Built build_conv(Builder& builder, const LayerArguments& arguments);
// N,C -> N,K
Built build_dense(Builder& builder, const LayerArguments& arguments);
// Shape kept, over each channel of N,C,H,W or N,C
Built build_batchnorm(Builder& builder, const LayerArguments& arguments);
// Shape kept
Built build_activation(Builder& builder, const LayerArguments& arguments);
Built build_prelu(Builder& builder, const LayerArguments& arguments);
Built build_dropout(Builder& builder, const LayerArguments& arguments);
// N,C,H,W -> N,C,H',W' (max and average), N,C (global)
Built build_pool(Builder& builder, const LayerArguments& arguments);
Built build_global_avgpool(Builder& builder, const LayerArguments& arguments);
// N,C,H,W -> N,C*H*W
Built build_flatten(Builder& builder, const LayerArguments& arguments);
// N,C -> N,C
Built build_softmax(Builder& builder, const LayerArguments& arguments);
// Inputs of one shape -> that shape
Built build_add(Builder& builder, const LayerArguments& arguments);
// N,C1,H,W and N,C2,H,W ... -> N,C1+C2...,H,W
Built build_concat(Builder& builder, const LayerArguments& arguments);

// Dispatches on the layer's type.
Built build_layer(Builder& builder, const LayerArguments& arguments);

// Whether a program of this mode can compute `activation` in the same primitive as `layer`.
bool fuses_activation(Mode mode, const LayerSpec& layer, const LayerSpec& activation);

// oneDNN's name for an activation. Nothing for an activation that not every version has: it is a
// loop of our own, and doesn't fuse.
struct Eltwise {
  dnnl::algorithm algorithm;
  float alpha, beta;
};
std::optional<Eltwise> eltwise_of(const LayerSpec& activation);

}  // namespace steelsight::onednn
