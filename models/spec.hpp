#pragma once
// A network as data: layers in order, a directed acyclic graph over named inputs, without weights.
//
//   {"input": [3, 224, 224],
//    "layers": [{"type": "conv", "name": "block1_conv1", "out": 64, "kernel": 3, "pad": 1},
//               {"type": "relu", "name": "block1_conv1_relu"}, ...]}
//
// Shapes here have no batch dimension: C,H,W for images, C for vectors. The last layer's output is
// the network's: for a classifier the logits (no softmax layer: the loss and the prediction apply
// it).
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "models/tensor.hpp"

namespace steelsight {

using Shape = std::vector<std::int64_t>;

enum class LayerType {
  conv,            // out, kernel, stride, pad, bias. weight: out,in,kernel,kernel
  dense,           // out, bias. Input is a vector. weight: out,in
  batchnorm,       // epsilon, momentum (share of the new batch, as in PyTorch)
  activation,      // function, alpha, beta
  prelu,           // x for x > 0, otherwise weight * x. weight: C, a slope for each channel
  maxpool,         // kernel, stride (0: kernel), pad
  avgpool,         // kernel, stride (0: kernel), pad; the padding does not count
  global_avgpool,  // C,H,W -> C
  flatten,         // C,H,W -> C*H*W, in that order
  dropout,         // rate: share of zeroed values in training; kept ones are scaled by 1/(1-rate)
  softmax,         // over C of a vector
  add,             // two or more inputs of one shape
  concat,          // inputs that agree in all but C
};

// Element-wise functions: those of oneDNN (its documentation gives the formulas), and PyTorch's of
// the same names for the others. alpha, beta: leaky_relu slope alpha; elu alpha; clip to [alpha,
// beta]; linear alpha*x+beta; swish x*logistic(alpha*x); soft_shrink and hard_shrink 0 within
// [-alpha, alpha].
enum class Activation {
  relu,
  leaky_relu,
  elu,
  tanh,
  logistic,
  softplus,
  log_sigmoid,
  gelu,
  gelu_tanh,
  swish,
  hard_swish,
  mish,
  clip,
  linear,
  abs,
  square,
  sqrt,
  exp,
  identity,
  selu,      // Klambauer et al. 2017 (arXiv:1706.02515)
  softsign,  // x / (1 + |x|)
  arctan,
  hard_sigmoid,  // x / 6 + 1/2 within [0, 1]
  hard_tanh,     // x within [-1, 1]
  tanh_shrink,   // x - tanh(x)
  soft_shrink,   // x moved by alpha towards 0
  hard_shrink,   // x
};

struct LayerSpec {
  LayerType type = LayerType::conv;
  std::string name;
  std::vector<std::string> inputs = {};  // empty: the layer before; "input" is the network's input
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  bool bias = true;
  float epsilon = 1e-5f;
  float momentum = 0.1f;
  float rate = 0.5f;
  Activation function = Activation::relu;
  float alpha = 0;
  float beta = 0;
};

// How far the windows of a convolution or pooling are apart, and how many of them an input of
// `size` rows or columns has. Throws ModelError if none fits.
std::int64_t stride_of(const LayerSpec& layer);
std::int64_t window_output(const LayerSpec& layer, std::int64_t size);

struct NetworkSpec {
  Shape input = {};  // C,H,W or C
  std::vector<LayerSpec> layers = {};
};

// What a layer reads, writes and learns, resolved from a valid spec.
struct LayerGraph {
  std::vector<std::size_t> inputs;  // values: 0 is the network's input, i + 1 the output of layer i
  Shape output;
};

struct ParameterSpec {
  enum class Role { weight, bias, scale, shift, running_mean, running_variance, slope };
  std::string name;  // "<layer>.weight", ".bias"; batch norm also ".running_mean", ".running_var"
  Shape shape;
  Role role = Role::weight;

  bool trainable() const { return role != Role::running_mean && role != Role::running_variance; }
};

// Checks names, inputs, sizes and shapes. Throws ModelError that names the layer.
std::vector<LayerGraph> resolve(const NetworkSpec& spec);

// In the order of the layers. Throws as resolve().
std::vector<ParameterSpec> parameter_specs(const NetworkSpec& spec);
std::int64_t parameter_count(const NetworkSpec& spec);  // trainable ones

// The activations of one image, all layers, in elements.
std::int64_t activation_count(const NetworkSpec& spec);

// Multiply-adds of each layer for one image: 0 but for convolutions and dense layers.
std::vector<std::int64_t> multiply_adds(const NetworkSpec& spec);

// Strict: an unknown type or key is a ConfigError with its path. Does not resolve().
NetworkSpec network_spec_from_json(const Json& json);
Json to_json(const NetworkSpec& spec);

// A layer of the type with its usual options. Throws ConfigError for an unknown type, with `path`.
LayerSpec layer_of_type(const std::string& type, const std::string& name, const std::string& path);

// "conv", "maxpool"; for activations the function: "relu".
std::string type_name(const LayerSpec& layer);

}  // namespace steelsight
