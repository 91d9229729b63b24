#include "preprocessing/image_quality.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "preprocessing/prepared_picture.hpp"

namespace steelsight::image_quality_test {
namespace {

// Squares of 8 pixels, black and white.
cv::Mat board() {
  cv::Mat image(64, 64, CV_8U);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) image.at<unsigned char>(y, x) = (x / 8 + y / 8) % 2 == 0 ? 0 : 255;
  return image;
}

TEST(ImageQuality, OfABoard) {
  const ImageQuality quality = image_quality(board());
  EXPECT_NEAR(quality.brightness, 0.5, 1e-6);
  EXPECT_NEAR(quality.contrast, 0.5, 1e-6);
  EXPECT_GT(quality.sharpness, 0.1);
}

TEST(ImageQuality, BlurLowersSharpnessAndLightDoesNot) {
  cv::Mat blurred, dim;
  cv::GaussianBlur(board(), blurred, {}, 2);
  board().convertTo(dim, CV_8U, 0.4, 60);
  const double sharpness = image_quality(board()).sharpness;
  EXPECT_LT(image_quality(blurred).sharpness, sharpness / 4);
  EXPECT_NEAR(image_quality(dim).sharpness, sharpness, 0.01 * sharpness);
}

TEST(ImageQuality, IsTheSameInColourAndIn16Bits) {
  cv::Mat colour, deep;
  cv::cvtColor(board(), colour, cv::COLOR_GRAY2BGR);
  board().convertTo(deep, CV_16U, 257);
  for (const cv::Mat& image : {colour, deep}) {
    EXPECT_NEAR(image_quality(image).brightness, 0.5, 1e-3);
    EXPECT_NEAR(image_quality(image).sharpness, image_quality(board()).sharpness, 1e-3);
  }
}

TEST(ImageQuality, OfABlankImageIsFlat) {
  const ImageQuality quality = image_quality(cv::Mat(9, 9, CV_8U, cv::Scalar(255)));
  EXPECT_EQ(quality.brightness, 1);
  EXPECT_EQ(quality.contrast, 0);
  EXPECT_EQ(quality.sharpness, 0);
}

TEST(PreparedPicture, HasTheNetworksSizeAndItsMeanIsMiddleGray) {
  const cv::Mat gray = prepared_picture(board(), from_scratch(32));
  EXPECT_EQ(gray.size(), cv::Size(32, 32));
  EXPECT_EQ(gray.type(), CV_8UC1);
  EXPECT_NEAR(cv::mean(gray)[0], 127.5, 1);
  EXPECT_LT(gray.at<unsigned char>(1, 1), gray.at<unsigned char>(1, 5));
}

TEST(PreparedPicture, KeepsColours) {
  const cv::Mat red(8, 8, CV_8UC3, cv::Scalar(0, 0, 255));
  for (const Preprocessing& p : {torchvision_vgg16(), keras_vgg16()}) {
    const cv::Vec3b pixel = prepared_picture(red, p).at<cv::Vec3b>(4, 4);
    EXPECT_GT(pixel[2], pixel[0]);  // BGR
  }
}

}  // namespace
}  // namespace steelsight::image_quality_test
