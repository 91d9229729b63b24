#pragma once
// What the synthetic textures are made of: fields of random relief and masks of drawn shapes.
#include <functional>
#include <opencv2/core.hpp>

#include "core/random.hpp"

namespace steelsight {

// One float for each pixel, kSynthSide x kSynthSide.
using Field = cv::Mat1f;
inline constexpr int kSynthSide = 200;

// Gaussian-smoothed white noise, mean 0, standard deviation 1.
struct NoiseOptions {
  float along_x = 1;  // smoothing in pixels before rotation; 0 is none
  float along_y = 1;
  float degrees = 0;  // rotation
};
Field noise(Random& random, const NoiseOptions& options);

// The same noise in every row: brightness that varies across the rolling direction, as cameras and
// rolls leave it. Mean 0, standard deviation 1.
Field vertical_bands(Random& random, float smoothing);

// 1 where `field` is among its highest `area` (0 to 1), 0 elsewhere, with an edge that is
// `softness` wide in units of the field.
Field highest(const Field& field, float area, float softness);

// What `draw` paints on an 8-bit canvas of zeros, divided by 255.
Field painted(const std::function<void(cv::Mat1b&)>& draw);

// `field` with mean 0 and standard deviation 1; a constant field becomes 0.
Field standardized(const Field& field);

}  // namespace steelsight
