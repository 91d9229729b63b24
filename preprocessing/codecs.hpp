#pragma once
// OpenCV's codecs, a library that is loaded when the first PNG, TIFF or JPEG is met: with the more
// than hundred libraries that it depends on (GDAL, OpenEXR, ...) loading takes about as long as
// classifying a BMP from the start of the program to its end.
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace steelsight {

struct Codecs {
  // cv::imdecode and cv::imencode.
  cv::Mat (*decode)(cv::InputArray bytes, int flags);
  bool (*encode)(const cv::String& extension, cv::InputArray image,
                 std::vector<unsigned char>& bytes, const std::vector<int>& options);
};

// Loads the library at the first call; any thread may be that one. It is found as those are that
// the program is linked to: no folder of ours, or of whoever has built this, is looked in. Throws
// ResourceError if it can't be loaded, std::bad_alloc: too little memory and too few open files are
// no image's fault.
const Codecs& codecs();

}  // namespace steelsight
