#pragma once
// The weights of a layer as a file of Keras has them.
#include <string>
#include <vector>

#include "models/tensor.hpp"

namespace steelsight {

struct KerasTensor {
  std::string name;  // "kernel:0", "block1_conv1_W_1:0", "bn/gamma:0": as the file has it
  Tensor tensor;     // in Keras' layout: convolutions HWIO, dense layers (in, out)
};

struct KerasLayer {
  std::string name;                  // "block1_conv1", "fire2/squeeze1x1"
  std::vector<KerasTensor> weights;  // in Keras' order: kernel, bias; gamma, beta, mean, variance
};

}  // namespace steelsight
