#include "preprocessing/table_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/name_table.hpp"

namespace steelsight {
namespace {

constexpr NamedValue<Scaling> kScalings[] = {
    {Scaling::none, "none"}, {Scaling::standard, "standard"}, {Scaling::minmax, "minmax"}};

struct OffsetAndScale {
  double offset = 0, scale = 1;
};

OffsetAndScale fit_column(Scaling scaling, const std::vector<double>& column) {
  const auto [smallest, largest] = std::ranges::minmax(column);
  if (scaling == Scaling::none) return {};
  // Not told by the deviation, which rounding can leave a little above 0.
  if (smallest == largest) return {.offset = smallest, .scale = 1};
  if (scaling == Scaling::minmax) return {.offset = smallest, .scale = largest - smallest};
  const auto count = static_cast<double>(column.size());
  double mean = 0, variance = 0;
  for (const double value : column) mean += value / count;
  for (const double value : column) variance += (value - mean) * (value - mean) / count;
  return {.offset = mean, .scale = std::sqrt(variance)};
}

}  // namespace

Scaling scaling_named(const std::string& name, const std::string& path) {
  return value_of(kScalings, name, path);
}

TableScaling fit_scaling(Scaling scaling, const std::vector<std::string>& features,
                         const std::vector<std::span<const double>>& rows) {
  if (rows.empty()) throw std::invalid_argument("fit_scaling: no rows");
  TableScaling result{.scaling = scaling, .features = features, .offset = {}, .scale = {}};
  std::vector<double> column(rows.size());
  for (std::size_t f = 0; f < features.size(); ++f) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].size() != features.size())
        throw std::invalid_argument("fit_scaling: a row has " + std::to_string(rows[r].size()) +
                                    " values, expected " + std::to_string(features.size()));
      column[r] = rows[r][f];
    }
    const OffsetAndScale fitted = fit_column(scaling, column);
    result.offset.push_back(fitted.offset);
    result.scale.push_back(fitted.scale);
  }
  return result;
}

void scale_row(const TableScaling& scaling, std::span<const double> values,
               std::span<float> inputs) {
  for (std::size_t f = 0; f < scaling.features.size(); ++f)
    inputs[f] = static_cast<float>((values[f] - scaling.offset[f]) / scaling.scale[f]);
}

Json to_json(const TableScaling& scaling) {
  return {{"scaling", name_of(kScalings, scaling.scaling)},
          {"features", scaling.features},
          {"offset", scaling.offset},
          {"scale", scaling.scale}};
}

TableScaling table_scaling_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  TableScaling result;
  result.scaling = scaling_named(object.require<std::string>("scaling"), path + "/scaling");
  result.features = object.require<std::vector<std::string>>("features");
  result.offset = object.require<std::vector<double>>("offset");
  result.scale = object.require<std::vector<double>>("scale");
  object.finish();
  const std::size_t count = result.features.size();
  if (count == 0 || std::set(result.features.begin(), result.features.end()).size() != count)
    throw ConfigError(path + "/features are none, or one is there twice");
  if (result.offset.size() != count || result.scale.size() != count)
    throw ConfigError(path + " has " + std::to_string(result.offset.size()) + " offsets and " +
                      std::to_string(result.scale.size()) + " scales, expected one for each of " +
                      std::to_string(count) + " features");
  if (!std::ranges::all_of(result.scale, [](double scale) { return scale > 0; }))
    throw ConfigError(path + "/scale has a number that is not above 0");
  return result;
}

}  // namespace steelsight
