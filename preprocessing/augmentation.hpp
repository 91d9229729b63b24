#pragma once
// Random changes to a training image that leave its class as it is. The defaults are for steel
// strip seen from above: light and exposure wander, lines stay sharp.
#include <opencv2/core/mat.hpp>
#include <string>

#include "core/json_object.hpp"
#include "core/random.hpp"

namespace steelsight {

// Each change happens with its probability (0 to 1), with a strength drawn evenly up to its
// maximum.
struct Augmentation {
  // Left-right, and independently up-down.
  double flip_probability = 0.5;
  // A quarter turn; of square images only, others would change their shape. With the flips, all
  // eight symmetries of the square are equally likely.
  // Off: on strip, the rolling direction is part of what a defect looks like. For surfaces without
  // one, 0.5.
  double turn_probability = 0;
  // Shift by up to max_shift of each side, in whole pixels, and zoom by a factor of up to
  // 1 + max_zoom, in or out. What comes in from outside is the image's reflection.
  double move_probability = 0.5;
  double max_shift = 0.05;
  double max_zoom = 0.1;
  // Brightness: white's fraction added. Contrast: distance from the image's mean times up to
  // 1 + max_contrast, or divided by it.
  double tone_probability = 0.8;
  double max_brightness = 0.1;
  double max_contrast = 0.25;
  // Uneven light: pixels times 1 + a slope across the image, in any direction, of up to +-max_light
  // at its ends.
  double light_probability = 0.25;
  double max_light = 0.2;
  // Gaussian blur; its sigma in pixels.
  double blur_probability = 0.1;
  double max_blur = 0.8;
  // Gaussian noise, a pixel each and the same in all channels; its deviation as white's fraction.
  double noise_probability = 0.25;
  double max_noise = 0.03;

  // Leaves images alone.
  static Augmentation none();
  // The part of it that moves pixels (flips, turns, shifts, zooms), and the part that changes them
  // where they are (tone, light, blur, noise).
  Augmentation geometry() const;
  Augmentation appearance() const;
  bool operator==(const Augmentation&) const = default;
};

// Throws ConfigError: a probability outside 0 to 1, a maximum below 0 or beyond reason.
void validate(const Augmentation& a, const std::string& path = "/augmentation");

// Lossless both ways. The second is strict and validates; absent keys keep their defaults.
Json to_json(const Augmentation& a);
Augmentation augmentation_from_json(const Json& json, const std::string& path = "/augmentation");

// A changed copy, of the same size and type; a pure function of its arguments. Made for images that
// already have the network's size. `image`: 8 or 16 bits, any channels; otherwise
// std::invalid_argument.
cv::Mat augment(const cv::Mat& image, const Augmentation& a, Random random);

}  // namespace steelsight
