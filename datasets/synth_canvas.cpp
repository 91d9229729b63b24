#include "datasets/synth_canvas.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace steelsight {
namespace {

Field white_noise(Random& random, int rows, int columns) {
  Field field(rows, columns);
  for (float& value : field) value = random.uniform() - 0.5f;
  return field;
}

Field smoothed(const Field& field, float along_x, float along_y) {
  Field result = field;
  // OpenCV takes a sigma of 0 in y for "as in x": a tiny one is none.
  if (along_x > 0 || along_y > 0)
    cv::GaussianBlur(field, result, cv::Size(), std::max(along_x, 0.01f), std::max(along_y, 0.01f),
                     cv::BORDER_REFLECT);
  return result;
}

}  // namespace

Field noise(Random& random, const NoiseOptions& options) {
  // Rotation needs corners to turn in; coarse relief is made small and enlarged.
  const bool rotates = options.degrees != 0;
  const float shrink = std::min(options.along_x, options.along_y) >= 8 ? 4.0f : 1.0f;
  const int full = rotates ? 284 : kSynthSide;
  const int side = static_cast<int>(static_cast<float>(full) / shrink);
  Field field =
      smoothed(white_noise(random, side, side), options.along_x / shrink, options.along_y / shrink);
  if (shrink > 1) cv::resize(field, field, cv::Size(full, full), 0, 0, cv::INTER_CUBIC);
  if (rotates) {
    const cv::Point2f centre(static_cast<float>(full) / 2, static_cast<float>(full) / 2);
    cv::warpAffine(field, field, cv::getRotationMatrix2D(centre, options.degrees, 1), field.size());
    const int margin = (full - kSynthSide) / 2;
    field = field(cv::Rect(margin, margin, kSynthSide, kSynthSide)).clone();
  }
  return standardized(field);
}

Field vertical_bands(Random& random, float smoothing) {
  const Field row = standardized(smoothed(white_noise(random, 1, kSynthSide), smoothing, 0));
  return cv::repeat(row, kSynthSide, 1);
}

Field highest(const Field& field, float area, float softness) {
  std::vector<float> values(field.begin(), field.end());
  const auto rank = static_cast<std::ptrdiff_t>((1 - area) * static_cast<float>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  const float threshold = values[static_cast<std::size_t>(rank)];
  Field mask(field.size());
  std::transform(field.begin(), field.end(), mask.begin(), [&](float value) {
    return std::clamp((value - threshold) / softness + 0.5f, 0.0f, 1.0f);
  });
  return mask;
}

Field painted(const std::function<void(cv::Mat1b&)>& draw) {
  cv::Mat1b canvas = cv::Mat1b::zeros(kSynthSide, kSynthSide);
  draw(canvas);
  Field field;
  canvas.convertTo(field, CV_32F, 1.0 / 255);
  return field;
}

Field standardized(const Field& field) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(field, mean, deviation);
  return (field - mean[0]) / std::max(deviation[0], 1e-6);
}

}  // namespace steelsight
