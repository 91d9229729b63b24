#include "preprocessing/heat_overlay.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>

namespace steelsight {
namespace {

cv::Mat gray_bytes(const cv::Mat& image) {
  cv::Mat gray = image;
  if (gray.depth() == CV_16U) gray.convertTo(gray, CV_8U, 1.0 / 257);
  if (gray.channels() == 3) cv::cvtColor(gray, gray, cv::COLOR_BGR2GRAY);
  return gray;
}

// In [0, 1], as large as the image.
cv::Mat stretched(const HeatMapView& map, const cv::Size& size) {
  cv::Mat heat(static_cast<int>(map.height), static_cast<int>(map.width), CV_32F);
  const float highest = std::ranges::max(map.values);
  std::ranges::transform(map.values, heat.begin<float>(),
                         [&](float value) { return highest > 0 ? value / highest : 0.0f; });
  cv::resize(heat, heat, size, 0, 0, cv::INTER_LINEAR);
  return heat;
}

}  // namespace

cv::Mat heat_overlay(const cv::Mat& image, const HeatMapView& map) {
  if (map.values.empty() || map.height < 1 || map.width < 1 ||
      map.values.size() != static_cast<std::size_t>(map.height * map.width))
    throw std::invalid_argument("heat_overlay: map has " + std::to_string(map.values.size()) +
                                " values, expected " + std::to_string(map.height) + "x" +
                                std::to_string(map.width));
  constexpr float kStrongest = 0.7f;  // share of colour where the map is highest
  const cv::Mat heat = stretched(map, image.size());
  cv::Mat levels, colours, blended;
  heat.convertTo(levels, CV_8U, 255);
  cv::applyColorMap(levels, colours, cv::COLORMAP_INFERNO);
  cv::cvtColor(gray_bytes(image), blended, cv::COLOR_GRAY2BGR);
  blended.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const float share = kStrongest * heat.at<float>(at[0], at[1]);
    const cv::Vec3b colour = colours.at<cv::Vec3b>(at[0], at[1]);
    for (int c = 0; c < 3; ++c)
      pixel[c] = cv::saturate_cast<uchar>((1 - share) * static_cast<float>(pixel[c]) +
                                          share * static_cast<float>(colour[c]));
  });
  return blended;
}

}  // namespace steelsight
