#pragma once
// The headers and the palette of a BMP file: OS/2 1.x (12 bytes), OS/2 2.x (16 and 64), Windows 3
// to 98 (40, 52, 56, 108, 124). Source: Microsoft, "Bitmap Storage"; Bradford, "bmpsuite".
#include <array>
#include <cstdint>
#include <vector>

#include "preprocessing/byte_reader.hpp"

namespace steelsight {

enum class BmpCompression { none, rle8, rle4 };

struct BmpHeader {
  std::int64_t width = 0;   // pixels, at least 1
  std::int64_t height = 0;  // pixels, at least 1
  bool top_down = false;    // the first stored row is the top one
  int bits = 0;             // a pixel: 1, 4, 8, 16, 24 or 32
  BmpCompression compression = BmpCompression::none;
  // 16 and 32 bits: where blue, green and red stand in a pixel; each a run of adjacent bits or 0.
  std::array<std::uint32_t, 3> masks{};
  // 1, 4 and 8 bits: 2^bits colours, BGR. Colours that the file leaves out are black; a file
  // without any palette, as some cameras write it, gets a gray ramp.
  std::vector<std::array<std::uint8_t, 3>> palette;
  std::uint64_t pixels_at = 0;  // offset of the pixels in the file
};

// Throws ImageError for a damaged header and for the compressions that never reached files in
// practice (JPEG or PNG inside BMP, OS/2's Huffman and RLE24).
BmpHeader read_bmp_header(const ByteReader& reader);

}  // namespace steelsight
