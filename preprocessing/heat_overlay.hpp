#pragma once
// A map of what matters laid over the image that it is of.
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>

namespace steelsight {

struct HeatMapView {
  std::span<const float> values;  // row-major, 0 or more
  std::int64_t height = 0, width = 0;
};

// The image in gray (8-bit BGR, its own size), brighter and more coloured where the map, stretched
// to its size and divided by its maximum, is high: the colours run from violet over orange to light
// yellow (OpenCV's inferno), rise in lightness and so are read without colour vision too. A map
// that is 0 everywhere leaves the image gray. `image` as decode_image gives it. Throws
// std::invalid_argument for a map of another size than it says.
cv::Mat heat_overlay(const cv::Mat& image, const HeatMapView& map);

}  // namespace steelsight
