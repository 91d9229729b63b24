#pragma once
// A small NEU-like set from a seed: six textures of hot-rolled steel strip that can be told apart
// by their structure, but hardly by brightness or contrast, so that a demo or a test needs no
// download.
//
// Modelled on the looks of NEU-CLS (K. Song and Y. Yan, Applied Surface Science 285, 858-864,
// 2013), of which it holds no pixel: crazing (Cr), inclusion (In), patches (Pa), pitted surface
// (PS), rolled-in scale (RS), scratches (Sc).
#include <cstddef>
#include <cstdint>

#include "core/filesystem.hpp"

namespace steelsight {

struct SynthOptions {
  fs::path folder;             // created if it is missing; files of the same name are replaced
  std::size_t per_class = 60;  // 1 to 100 000
  std::uint64_t seed = 0;
  int size = 200;  // side in pixels, 16 to 1024; other than 200 is the same picture resized
};

// Writes Cr_1.bmp ... Sc_<per_class>.bmp: 8-bit grayscale BMP, size x size. The same options give
// the same bytes, and image i of a class depends on seed and size alone, not on per_class. Throws
// ConfigError for options out of range, FileError if writing fails.
void synthesize(const SynthOptions& options);

}  // namespace steelsight
