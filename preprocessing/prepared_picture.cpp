#include "preprocessing/prepared_picture.hpp"

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

namespace steelsight {

cv::Mat prepared_picture(const cv::Mat& image, const Preprocessing& p) {
  constexpr double kRange = 2.5;
  std::vector<float> values(p.floats());
  to_planes(image, p, values.data());
  cv::Scalar mean, deviation;
  cv::meanStdDev(values, mean, deviation);
  const double scale = deviation[0] > 0 ? 127.5 / (kRange * deviation[0]) : 0;

  std::vector<cv::Mat> channels;
  const std::size_t plane = values.size() / static_cast<std::size_t>(p.channels());
  for (int c = 0; c < p.channels(); ++c) {
    const cv::Mat channel(p.height, p.width, CV_32F,
                          values.data() + plane * static_cast<std::size_t>(c));
    channel.convertTo(channels.emplace_back(), CV_8U, scale, 127.5 - scale * mean[0]);
  }
  if (p.channel_order == ChannelOrder::rgb) std::ranges::reverse(channels);
  cv::Mat picture;
  cv::merge(channels, picture);
  return picture;
}

}  // namespace steelsight
