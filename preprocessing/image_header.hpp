#pragma once
// What an image file says about itself, read without decoding it, and the limits that are held
// against it before any memory is allocated for its pixels.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "preprocessing/image_error.hpp"

namespace steelsight {

enum class ImageKind { bmp, png, tiff, jpeg };

struct ImageHeader {
  ImageKind kind = ImageKind::bmp;
  std::int64_t width = 0;   // pixels, at least 1
  std::int64_t height = 0;  // pixels, at least 1
  int channels = 1;         // samples stored a pixel; 1 for a palette image
  int bits_per_pixel = 8;   // of all channels together
};

struct ImageLimits {
  int max_side = 16384;                              // pixels
  std::int64_t max_pixels = std::int64_t{64} << 20;  // width x height
  std::size_t max_file_bytes = std::size_t{256} << 20;
};

// "BMP", "PNG", "TIFF" or "JPEG".
const char* kind_name(ImageKind kind);

// The kind is told by the content, never by the file's extension. BMP and PNG need the first bytes
// only, JPEG all up to its frame header, TIFF its first directory, which may stand anywhere.
// Throws ImageError if the bytes are none of these, are damaged, or hold what decode_image doesn't
// read: CMYK, 12-bit JPEG, BigTIFF, TIFF of floating-point, signed or unusually wide samples.
ImageHeader read_image_header(std::string_view bytes, const std::string& name);

// Throws ImageError if the image is larger than the limits.
void check_limits(const ImageHeader& header, const ImageLimits& limits, const std::string& name);

}  // namespace steelsight
