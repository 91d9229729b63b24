#include "preprocessing/thumbnail.hpp"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <vector>

#include "preprocessing/codecs.hpp"

namespace steelsight {

std::string jpeg_thumbnail(const cv::Mat& image, const ThumbnailOptions& options) {
  if (image.empty() || options.side < 1)
    throw std::invalid_argument("jpeg_thumbnail: image of " + std::to_string(image.cols) + "x" +
                                std::to_string(image.rows) + " to a side of " +
                                std::to_string(options.side) + ", expected 1 or more of all");
  cv::Mat small = image;
  const int longer = std::max(image.cols, image.rows);
  if (longer > options.side) {
    const double scale = static_cast<double>(options.side) / longer;
    const cv::Size size(std::max(cvRound(image.cols * scale), 1),
                        std::max(cvRound(image.rows * scale), 1));
    cv::resize(image, small, size, 0, 0, cv::INTER_AREA);
  }
  if (small.depth() == CV_16U) small.convertTo(small, CV_8U, 1.0 / 257);
  std::vector<unsigned char> bytes;
  codecs().encode(".jpg", small, bytes,
                  {cv::IMWRITE_JPEG_QUALITY, options.quality, cv::IMWRITE_JPEG_OPTIMIZE, 1});
  return {bytes.begin(), bytes.end()};
}

}  // namespace steelsight
