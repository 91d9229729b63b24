#pragma once
// Numbers by which an image that went wrong stands out: too dark, too bright, flat, blurred.
#include <opencv2/core/mat.hpp>

namespace steelsight {

struct ImageQuality {
  double brightness = 0;  // mean of the gray values, 0 (black) to 1 (white)
  double contrast = 0;    // their standard deviation, 0 to 0.5
  // How much of the contrast is fine: the variance of the Laplacian over that of the image, 0
  // (flat) to about 20 (white noise). Blur lowers it; brightness and contrast cancel out.
  double sharpness = 0;
};

// `image` as decode_image gives it. Colour is made gray.
ImageQuality image_quality(const cv::Mat& image);

}  // namespace steelsight
