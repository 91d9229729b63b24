#pragma once
// What a network is given of an image, as a picture for people.
#include <opencv2/core/mat.hpp>

#include "preprocessing/preprocessing.hpp"

namespace steelsight {

// `image` as decode_image gives it. The result has the network's size, CV_8UC1 or CV_8UC3 (BGR):
// the planes' mean is middle gray, and 2.5 of their deviations make white and black.
cv::Mat prepared_picture(const cv::Mat& image, const Preprocessing& p);

}  // namespace steelsight
