#pragma once
// A decoder for every BMP that cameras and office programs write. OpenCV's own is not used: 4.6
// takes red for blue in 32-bit files with bit fields, turns 24-bit OS/2 files gray, stretches 5
// bits to 248 rather than to 255, and refuses RLE4 with gaps, 16-bit masks other than 555 and 565,
// and 8-bit files without a palette.
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

namespace steelsight {

// CV_8UC1 if the file has a palette of grays, which is honoured, otherwise CV_8UC3 (BGR). Alpha is
// ignored. Channels of 5, 6 or 10 bits are stretched to 0..255 with rounding. Pixels that an RLE
// file skips have the palette's first colour. Throws ImageError if the header is damaged or pixels
// are missing. The caller checks the limits.
cv::Mat decode_bmp(std::string_view bytes, const std::string& name);

}  // namespace steelsight
