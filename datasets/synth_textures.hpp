#pragma once
// The six textures of the synthetic set, as relief without brightness or contrast.
#include <array>

#include "datasets/synth_canvas.hpp"

namespace steelsight {

struct Range {
  float low = 0;
  float high = 1;
};

struct Texture {
  const char* prefix;      // of file names, as in NEU-CLS
  Field (*draw)(Random&);  // bright is positive; scale is free
  Range mean;              // gray level of images, 0 to 255
  Range deviation;         // standard deviation of gray levels within an image
};

// Ranges overlap as they do in NEU-CLS: brightness and contrast alone do not tell the classes.
const std::array<Texture, 6>& textures();

}  // namespace steelsight
