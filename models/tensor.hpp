#pragma once
// A dense array of numbers in host memory: what weights, gradients and optimiser state are between
// files and the backend.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace steelsight {

// f32, row-major: the last dimension is contiguous. An empty shape is a scalar (one value).
// Invariant kept by its makers: values.size() == element_count(shape).
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

using TensorMap = std::map<std::string, Tensor>;

// The product of the dimensions; 1 for a scalar, 0 if a dimension is 0. Throws ModelError if a
// dimension is negative or the tensor's bytes (4 a value) would overflow 63 bits.
std::int64_t element_count(const std::vector<std::int64_t>& shape);

// "64x3x3x3"; "scalar" for an empty shape.
std::string to_string(const std::vector<std::int64_t>& shape);

}  // namespace steelsight
