#include "preprocessing/heat_overlay.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace steelsight::heat_overlay_test {
namespace {

int brightness(const cv::Vec3b& pixel) {
  return pixel[0] + pixel[1] + pixel[2];
}

TEST(HeatOverlay, IsBrightWhereTheMapIsHighAndGrayWhereItIsZero) {
  const cv::Mat image(200, 100, CV_8UC1, cv::Scalar(60));
  const std::vector<float> map{0, 0, 0, 8};  // the lower right quarter
  const cv::Mat overlay = heat_overlay(image, {.values = map, .height = 2, .width = 2});
  EXPECT_EQ(overlay.size(), image.size());
  EXPECT_EQ(overlay.type(), CV_8UC3);
  EXPECT_EQ(overlay.at<cv::Vec3b>(10, 10), cv::Vec3b(60, 60, 60));
  EXPECT_GT(brightness(overlay.at<cv::Vec3b>(190, 90)), 2 * 180);
}

TEST(HeatOverlay, OfNothingIsTheImage) {
  const std::vector<float> nothing(4, 0);
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1}) {
    const double white = type == CV_16UC1 ? 65535 : 255;
    const cv::Mat image(10, 10, type, cv::Scalar::all(white));
    const cv::Mat overlay = heat_overlay(image, {.values = nothing, .height = 2, .width = 2});
    EXPECT_EQ(overlay.at<cv::Vec3b>(5, 5), cv::Vec3b(255, 255, 255)) << type;
  }
}

TEST(HeatOverlay, RefusesAMapOfAnotherSize) {
  const cv::Mat image(10, 10, CV_8UC1, cv::Scalar(0));
  const std::vector<float> map(4, 1);
  EXPECT_THROW(heat_overlay(image, {.values = map, .height = 2, .width = 3}),
               std::invalid_argument);
  EXPECT_THROW(heat_overlay(image, {}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::heat_overlay_test
