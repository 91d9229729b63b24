#pragma once
// How a row of a table becomes a network's input: its features by name, each shifted and scaled.
// One description, fitted on the training rows and stored in the model, serves training and
// prediction alike.
#include <span>
#include <string>
#include <vector>

#include "core/json_object.hpp"

namespace steelsight {

enum class Scaling {
  none,
  standard,  // mean 0, standard deviation 1
  minmax,    // smallest 0, largest 1
};

struct TableScaling {
  Scaling scaling = Scaling::standard;  // "none", "standard", "minmax"
  std::vector<std::string> features;    // names, unique, in the order of the network's input
  // One for each feature: input = (value - offset) / scale.
  std::vector<double> offset;
  std::vector<double> scale;  // above 0

  bool operator==(const TableScaling&) const = default;
};

// Throws ConfigError with `path` for another name.
Scaling scaling_named(const std::string& name, const std::string& path);

// Rows hold a value for each feature. A feature that is the same in all rows becomes 0. Throws
// std::invalid_argument without rows or for one of another length.
TableScaling fit_scaling(Scaling scaling, const std::vector<std::string>& features,
                         const std::vector<std::span<const double>>& rows);

// One row: values and inputs have one element for each feature.
void scale_row(const TableScaling& scaling, std::span<const double> values,
               std::span<float> inputs);

// Lossless both ways. The second is strict: ConfigError names the path of what is wrong.
Json to_json(const TableScaling& scaling);
TableScaling table_scaling_from_json(const Json& json, const std::string& path = "/preprocessing");

}  // namespace steelsight
