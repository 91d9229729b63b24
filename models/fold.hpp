#pragma once
// Rewrites a trained network into an equal one that is cheaper to run.
#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

// For inference: a batch norm that follows a convolution or dense layer which nothing else reads is
// folded into that layer's weight and bias, and dropout is taken out. The network's output stays
// the same up to rounding; `parameters` is changed along with `spec`, which must fit it. A folded
// layer keeps the name of its convolution; what read the batch norm reads the convolution.
void simplify_for_inference(NetworkSpec& spec, TensorMap& parameters);

}  // namespace steelsight
