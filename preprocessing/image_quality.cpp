#include "preprocessing/image_quality.hpp"

#include <opencv2/imgproc.hpp>

namespace steelsight {

ImageQuality image_quality(const cv::Mat& image) {
  cv::Mat gray;
  if (image.channels() == 3)
    cv::cvtColor(image, gray, cv::COLOR_BGR2GRAY);
  else
    gray = image;
  gray.convertTo(gray, CV_32F, image.depth() == CV_16U ? 1.0 / 65535 : 1.0 / 255);
  cv::Scalar mean, deviation;
  cv::meanStdDev(gray, mean, deviation);
  ImageQuality quality{.brightness = mean[0], .contrast = deviation[0]};
  if (quality.contrast < 1e-6) return quality;
  cv::Mat edges;
  cv::Laplacian(gray, edges, CV_32F);
  cv::meanStdDev(edges, mean, deviation);
  quality.sharpness = deviation[0] * deviation[0] / (quality.contrast * quality.contrast);
  return quality;
}

}  // namespace steelsight
