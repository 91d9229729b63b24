#pragma once
// Where a network looked when it gave a class, by trying: how much the class's output falls when a
// part of the image is covered (Zeiler and Fergus, "Visualizing and understanding convolutional
// networks", ECCV 2014). Slow, but it takes nothing for granted: a check of GradCam.
#include <cstdint>
#include <span>
#include <vector>

#include "models/network.hpp"

namespace steelsight {

struct OcclusionMap {
  std::int64_t height = 0, width = 0;
  std::vector<float> values = {};  // row-major; 0 or more, in units of the output
};

struct OcclusionOptions {
  int output = 0;          // the class
  std::int64_t patch = 0;  // side of the covered square, pixels; 0: an eighth of the longer side
};

// One image C,H,W, as the network reads it. Squares half a patch apart are covered with the mean of
// each channel. Throws std::invalid_argument for a wrong size or patch, std::out_of_range for an
// output that the network does not have.
OcclusionMap occlusion_map(InferenceNetwork& network, std::span<const float> image,
                           const OcclusionOptions& options);

}  // namespace steelsight
