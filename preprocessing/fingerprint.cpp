#include "preprocessing/fingerprint.hpp"

#include <cmath>
#include <numeric>

#include "preprocessing/preprocessing.hpp"

namespace steelsight {

Fingerprint fingerprint(const cv::Mat& image) {
  Fingerprint result;
  auto& values = result.values;
  to_planes(image, from_scratch(static_cast<int>(kFingerprintSide)), values.data());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / values.size();
  double squares = 0;
  for (float& value : values) {
    value -= static_cast<float>(mean);
    squares += static_cast<double>(value) * value;
  }
  const double length = std::sqrt(squares);
  constexpr double kFlat = 1e-3;  // rounding of one colour; a single gray level in one cell is more
  for (float& value : values) value = length < kFlat ? 0.0f : static_cast<float>(value / length);
  return result;
}

float similarity(const Fingerprint& a, const Fingerprint& b) {
  return static_cast<float>(
      std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0));
}

}  // namespace steelsight
