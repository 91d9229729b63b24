#pragma once
// Inference in 8-bit integers: which convolutions run in them, and how finely the values that they
// read and write are resolved (Jacob et al., "Quantization and training of neural networks for
// efficient integer-arithmetic-only inference", CVPR 2018, arXiv:1712.05877).
//
// A number x is stored as the integer nearest to x / step: u8 (0 to 255) where no x is negative,
// otherwise s8 (-127 to 127). What lies beyond is clipped. Weights are s8, with a step for each
// output channel; sums are exact 32-bit integers; biases stay f32.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

struct IntegerRange {
  float step = 0;
  bool is_signed = false;

  bool operator==(const IntegerRange&) const = default;
};

struct Quantization {
  std::set<std::string> layers;                // convolutions that run in integers
  std::map<std::string, IntegerRange> values;  // by value_of(): what they read and write
  Json figures = Json::object();  // what was lost by it; pipeline/quantize/quantize.hpp

  bool empty() const { return layers.empty(); }
};

// The convolutions of a network that simplify_for_inference() has gone over, in their order.
std::vector<std::string> quantizable_layers(const NetworkSpec& spec);

// The value that a convolution reads: the name of the layer whose output it is, or "input". The
// largest of a window is the same in integers, so max pooling is looked through.
std::string value_read(const NetworkSpec& spec, const std::string& layer);

// Throws ModelError for a layer that is no convolution of the network, one that reads a value
// without a range, or a step that is not a positive number.
void check_quantization(const Quantization& quantization, const NetworkSpec& spec);

// Strict; throws ConfigError.
Json to_json(const Quantization& quantization);
Quantization quantization_from_json(const Json& json);

inline constexpr int kLargestWeight = 127;

struct IntegerWeights {
  std::vector<std::int8_t> values;  // as the weight's: out, in, kernel, kernel
  std::vector<float> steps;         // out; 1 where all weights of a channel are 0
};

// The largest weight of each output channel becomes `largest`, at most kLargestWeight.
IntegerWeights to_integers(const Tensor& weight, int largest = kLargestWeight);

}  // namespace steelsight
