#include "pipeline/features/features_norm.hpp"

#include <cmath>

#include "models/surgery.hpp"

namespace steelsight {

bool is_features_norm(const LayerSpec& layer) {
  return layer.type == LayerType::batchnorm && layer.name == kFeaturesNorm;
}

void fit_features_norm(const Features& features, TensorMap& parameters) {
  const std::size_t columns = features.row_floats();
  std::vector<double> sum(columns), squares(columns);
  double count = 0;
  for (const float* row : features.rows) {
    if (row == nullptr) continue;
    ++count;
    for (std::size_t c = 0; c < columns; ++c) sum[c] += row[c];
  }
  if (count == 0) return;
  for (const float* row : features.rows)
    for (std::size_t c = 0; row != nullptr && c < columns; ++c) {
      const double distance = row[c] - sum[c] / count;
      squares[c] += distance * distance;
    }
  const std::string name = kFeaturesNorm;
  for (std::size_t c = 0; c < columns; ++c) {
    parameters.at(name + ".running_mean").values[c] = static_cast<float>(sum[c] / count);
    const double variance = squares[c] / count;
    parameters.at(name + ".running_var").values[c] =
        variance > 0 ? static_cast<float>(variance) : 1.0f;
  }
}

Features normalised(const Features& features, const LayerSpec& norm, const TensorMap& parameters) {
  const auto& mean = parameters.at(norm.name + ".running_mean").values;
  const auto& variance = parameters.at(norm.name + ".running_var").values;
  const std::size_t columns = features.row_floats();
  auto values = std::make_shared<std::vector<float>>(features.rows.size() * columns);
  Features result = features;
  for (std::size_t r = 0; r < features.rows.size(); ++r) {
    if (features.rows[r] == nullptr) continue;
    float* row = values->data() + r * columns;
    for (std::size_t c = 0; c < columns; ++c)
      row[c] = (features.rows[r][c] - mean[c]) / std::sqrt(variance[c] + norm.epsilon);
    result.rows[r] = row;
  }
  result.memory = values;
  return result;
}

}  // namespace steelsight
