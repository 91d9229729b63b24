#pragma once
// Convolutions in 8-bit integers (models/quantization.hpp), for inference.
#include <optional>
#include <vector>

#include "models/onednn/graph.hpp"
#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

struct IntegerConv {
  IntegerRange src;
  std::optional<IntegerRange> dst;  // nothing: its output is of floats
};

// How each node of the graph runs in integers, or nothing. A node that reads signed integers runs
// in floats on a CPU without VNNI. A value that an integer convolution writes stays in integers if
// another integer convolution reads it; other readers get it as floats.
std::vector<std::optional<IntegerConv>> plan_integers(const Graph& graph,
                                                      const Quantization& quantization);

// N,C,H,W of floats or integers -> N,K,H',W'
Value build_integer_conv(Builder& builder, const LayerArguments& arguments,
                         const IntegerConv& integers);

// N,C,H,W of integers -> N,C,H',W'. A loop of our own: oneDNN's took three times as long on VGG16's
// first 64 channels (docs/design.md).
Value build_integer_max_pool(Builder& builder, const LayerSpec& layer, const Value& given);

// The numbers that integers stand for; a value of floats as it is.
Value to_floats(Builder& builder, const Value& value);

}  // namespace steelsight::onednn
