// The module of codecs.hpp: all that is linked to OpenCV's imgcodecs.
#include <opencv2/imgcodecs.hpp>

#include "preprocessing/codecs.hpp"

extern "C" const steelsight::Codecs steelsight_codecs = {
    [](cv::InputArray bytes, int flags) { return cv::imdecode(bytes, flags); },
    [](const std::string& extension, cv::InputArray image, std::vector<unsigned char>& bytes,
       const std::vector<int>& options) { return cv::imencode(extension, image, bytes, options); }};
