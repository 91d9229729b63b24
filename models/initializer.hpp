#pragma once
// First values of a parameter, from a seed: He et al. 2015 (arXiv:1502.01852), Glorot and Bengio
// 2010, zeros and ones. Each tensor draws from a generator of its own, keyed by its name: another
// layer more or less changes nothing in it.
//
//   const Initializer he{.kind = InitializerKind::he_normal, .gain = activation_gain("relu")};
//   Tensor weight = initialize(he, "block1_conv1.weight", {64, 3, 3, 3}, Random(seed));
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "models/tensor.hpp"

namespace steelsight {

// With n_in = in * kernel height * kernel width and n_out = out * kernel height * kernel width:
enum class InitializerKind {
  zeros,
  ones,
  he_normal,       // normal, standard deviation gain / sqrt(n_in)
  he_normal_out,   // normal, standard deviation gain / sqrt(n_out)
  glorot_normal,   // normal, standard deviation gain * sqrt(2 / (n_in + n_out))
  glorot_uniform,  // uniform in [-a, a), a = gain * sqrt(6 / (n_in + n_out))
};

struct Initializer {
  InitializerKind kind = InitializerKind::he_normal;
  double gain = 1;  // for the activation that follows; 0 < gain
};

// Weights are (out, in) or (out, in, kernel height, kernel width): dense and OIHW. Throws
// std::invalid_argument for a shape of fewer than two dimensions or without elements, if the kind
// draws numbers, and for a gain that is not above 0.
Tensor initialize(const Initializer& initializer, const std::string& name,
                  const std::vector<std::int64_t>& shape, const Random& random);

// torch.nn.init.calculate_gain: 1 for "linear" and "sigmoid", 5/3 for "tanh", 3/4 for "selu", sqrt
// 2 for "relu", sqrt(2 / (1 + slope^2)) for "leaky_relu"; and sqrt 2 for "elu", "gelu", "swish",
// "hardswish" and "mish", which keep about half of the signal as ReLU does. `slope` is the negative
// one. Throws std::invalid_argument for another name.
double activation_gain(const std::string& activation, double slope = 0.01);

}  // namespace steelsight
