#pragma once
// Small copies of images, to be looked at.
#include <opencv2/core/mat.hpp>
#include <string>

namespace steelsight {

struct ThumbnailOptions {
  int side = 96;     // pixels: the longer side is made so long at most
  int quality = 60;  // of the JPEG, 1 to 100
};

// The bytes of a JPEG file. The aspect ratio is kept, a smaller image stays as it is, 16-bit
// samples are divided by 257. `image` as decode_image gives it.
std::string jpeg_thumbnail(const cv::Mat& image, const ThumbnailOptions& options = {});

}  // namespace steelsight
