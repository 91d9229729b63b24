#pragma once
// The reference of the layers' tests: every layer as plain loops in double precision, straight from
// its definition, sharing no code with the engine.
#include <map>
#include <string>
#include <vector>

#include "models/spec.hpp"

namespace steelsight {

struct NaiveParameters {
  std::map<std::string, std::vector<double>> values;  // as TensorMap, by name
};

// input: N images, N,C,H,W. training: batch norm uses the batch's statistics; dropout is left out
// in both modes. Gives N x the last layer's output.
std::vector<double> naive_forward(const NetworkSpec& spec, const NaiveParameters& parameters,
                                  const std::vector<double>& input, std::int64_t n, bool training);

}  // namespace steelsight
