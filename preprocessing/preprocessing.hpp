#pragma once
// How a decoded image becomes a network's input. One description, stored in the model, serves
// training and prediction alike.
//
//   std::vector<float> planes(p.floats());
//   to_planes(read_image("Cr_7.bmp"), p, planes.data());
#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/json_object.hpp"

namespace steelsight {

// OpenCV's INTER_* of the same names. `area` averages when it shrinks, and it alone doesn't alias
// then. When it enlarges, it is close to linear.
enum class Interpolation { nearest, linear, cubic, area, lanczos };
enum class ChannelOrder { gray, rgb, bgr };  // gray: one channel; the others: three

struct Preprocessing {
  int width = 224;  // of the network's input, pixels, 1 to 4096; the aspect ratio isn't kept
  int height = 224;
  Interpolation interpolation = Interpolation::linear;
  ChannelOrder channel_order = ChannelOrder::gray;
  double maximum = 1;              // the value of white before mean and std: 1 or 255
  std::vector<double> mean = {0};  // a channel, in channel order, in units of `maximum`
  std::vector<double> std = {1};   // the same, above 0: value = (pixel - mean) / std
  // After that, from each image its own mean is taken and what is left is divided by its own
  // deviation + 0.1, over all channels together: exposure and contrast of the light cancel out, the
  // grain of a blank image is not blown up.
  bool standardize = false;

  int channels() const { return channel_order == ChannelOrder::gray ? 1 : 3; }
  // Floats in one image: C x H x W.
  std::size_t floats() const;
  bool operator==(const Preprocessing&) const = default;
};

// Keras and Caffe (Simonyan and Zisserman 2014): 224x224, BGR, 0 to 255, ImageNet's mean
// subtracted.
Preprocessing keras_vgg16();
// torchvision: 224x224, RGB, 0 to 1, ImageNet's mean subtracted, divided by its deviation.
Preprocessing torchvision_vgg16();
// For networks that never saw ImageNet: gray, 0 to 1, mean and deviation of NEU's images, then
// standardized.
Preprocessing from_scratch(int size);

// Throws ConfigError if sizes, `maximum`, mean or std are out of range or not one for each channel;
// `path` is where they stand in a configuration.
void validate(const Preprocessing& p, const std::string& path = "/preprocessing");

// Lossless both ways. The second is strict, and validates: ConfigError names the path of what is
// wrong, missing or unknown.
Json to_json(const Preprocessing& p);
Preprocessing preprocessing_from_json(const Json& json, const std::string& path = "/preprocessing");

// The image in the network's size, in its own depth and channels. One of 16 bits that holds an
// image of 8 (each sample 257 times one of 8 bits) becomes that one.
cv::Mat resize_image(const cv::Mat& image, const Preprocessing& p);

// Resizes and fills C x H x W floats. Gray is repeated for three channels; colour becomes gray by
// the weights of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B); 16-bit samples are divided by 257, so
// that white is white, and an image gives the same floats, bit for bit, stored in 8 or in 16 bits.
// `image` as decode_image gives it; otherwise std::invalid_argument.
void to_planes(const cv::Mat& image, const Preprocessing& p, float* planes);

}  // namespace steelsight
