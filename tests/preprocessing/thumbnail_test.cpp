#include "preprocessing/thumbnail.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "preprocessing/decode.hpp"

namespace steelsight::thumbnail_test {
namespace {

cv::Mat decoded(const cv::Mat& image, const ThumbnailOptions& options = {}) {
  return decode_image(jpeg_thumbnail(image, options), "thumbnail");
}

TEST(Thumbnail, KeepsTheAspectRatioAndChannels) {
  EXPECT_EQ(decoded(cv::Mat(200, 100, CV_8UC1, cv::Scalar(7)), {.side = 50}).size(),
            cv::Size(25, 50));
  EXPECT_EQ(decoded(cv::Mat(200, 100, CV_8UC1, cv::Scalar(7))).type(), CV_8UC1);
  EXPECT_EQ(decoded(cv::Mat(10, 10, CV_8UC3, cv::Scalar(0, 0, 255))).type(), CV_8UC3);
  EXPECT_EQ(decoded(cv::Mat(1, 1000, CV_8UC1, cv::Scalar(7)), {.side = 50}).size(),
            cv::Size(50, 1));
}

TEST(Thumbnail, LeavesSmallImagesAsTheyAre) {
  EXPECT_EQ(decoded(cv::Mat(20, 30, CV_8UC1, cv::Scalar(7)), {.side = 50}).size(),
            cv::Size(30, 20));
}

TEST(Thumbnail, WhiteStaysWhiteAndGrayGray) {
  EXPECT_NEAR(decoded(cv::Mat(200, 200, CV_16UC1, cv::Scalar(65535))).at<uchar>(5, 5), 255, 1);
  EXPECT_NEAR(decoded(cv::Mat(200, 200, CV_16UC1, cv::Scalar(100 * 257))).at<uchar>(5, 5), 100, 1);
  EXPECT_NEAR(decoded(cv::Mat(200, 200, CV_8UC1, cv::Scalar(100))).at<uchar>(5, 5), 100, 1);
}

TEST(Thumbnail, RefusesWhatIsNoImageOrSize) {
  EXPECT_THROW(jpeg_thumbnail(cv::Mat()), std::invalid_argument);
  EXPECT_THROW(jpeg_thumbnail(cv::Mat(2, 2, CV_8UC1), {.side = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::thumbnail_test
