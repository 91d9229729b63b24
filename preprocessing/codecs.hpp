#pragma once
// OpenCV's codecs, in a module that is loaded when the first PNG, TIFF or JPEG is met: with the
// more than hundred libraries that they depend on (GDAL, OpenEXR, ...) loading takes about as long
// as classifying a BMP from the start of the program to its end.
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace steelsight {

struct Codecs {
  // cv::imdecode and cv::imencode.
  cv::Mat (*decode)(cv::InputArray bytes, int flags);
  bool (*encode)(const std::string& extension, cv::InputArray image,
                 std::vector<unsigned char>& bytes, const std::vector<int>& options);
};

// Loads the module at the first call; any thread may be that one. Throws std::runtime_error if it
// can't be loaded: no Error, as that is no image's fault, and ends the run.
const Codecs& codecs();

}  // namespace steelsight
