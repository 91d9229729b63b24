#include "preprocessing/fingerprint.hpp"

#include <numeric>
#include <opencv2/core.hpp>

#include "preprocessing/preprocessing.hpp"

namespace steelsight {

Fingerprint fingerprint(const cv::Mat& image) {
  constexpr int kSide = static_cast<int>(kFingerprintSide);
  cv::Mat cells(kSide, kSide, CV_32FC1), values;
  to_planes(image, from_scratch(kSide), cells.ptr<float>());
  cells.convertTo(values, CV_64F);
  values -= cv::mean(values);

  // The slopes of the light: on this grid x, y and 1 are orthogonal, so that each is fitted alone.
  cv::Mat x(kSide, kSide, CV_64FC1);
  for (int column = 0; column < kSide; ++column) x.col(column) = column - (kSide - 1) / 2.0;
  for (const cv::Mat& slope : {x, cv::Mat(x.t())})
    values -= values.dot(slope) / slope.dot(slope) * slope;

  Fingerprint result;
  const double length = cv::norm(values);
  constexpr double kFlat = 1e-3;  // rounding; one gray level of difference in one cell is more
  if (length > kFlat)
    values.convertTo(cv::Mat(kSide, kSide, CV_32FC1, result.values.data()), CV_32F, 1 / length);
  return result;
}

float similarity(const Fingerprint& a, const Fingerprint& b) {
  return static_cast<float>(
      std::inner_product(a.values.begin(), a.values.end(), b.values.begin(), 0.0));
}

}  // namespace steelsight
