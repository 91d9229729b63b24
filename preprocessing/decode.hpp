#pragma once
// Image files become pixels: BMP (every kind), PNG, TIFF (first image; 1, 8 and 16 bits), JPEG.
//
//   cv::Mat image = read_image("Cr_7.bmp");   // 200x200, CV_8UC1
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "core/filesystem.hpp"
#include "preprocessing/image_header.hpp"

namespace steelsight {

// The result is CV_8U or CV_16U (white 255 or 65535) with 1 channel (gray) or 3 (BGR).
// - Palettes are honoured; a BMP with a palette of grays gives gray.
// - Alpha is ignored: cameras leave it undefined.
// - The orientation that EXIF or TIFF gives is applied: the image is as the photographer saw it.
// - 12-bit samples in 16-bit files are taken as they are, and so are dark.
// Throws ImageError, with `name` in front, for an empty file, a file of another kind, one over the
// limits (checked before the pixels are allocated), a truncated or damaged one, CMYK, and float.
// What is damaged without a sign can't be told: a flipped bit in uncompressed pixels, or in a
// JPEG's compressed ones, which are decoded as far as they go.
// Throws std::bad_alloc and ResourceError for what is no fault of the image.
cv::Mat decode_image(std::string_view bytes, const std::string& name,
                     const ImageLimits& limits = {});

// What a decoded image depends on besides its bytes: this decoder, OpenCV and the libraries that it
// was built with.
std::string decoder_versions();

// Also throws FileError if the file can't be read.
cv::Mat read_image(const fs::path& file, const ImageLimits& limits = {});

// The bytes of an image file. Throws FileError if it can't be read or isn't a regular file (a pipe
// would block), ImageError if it is over the limit.
std::string read_image_bytes(const fs::path& file, const ImageLimits& limits = {});

}  // namespace steelsight
