#include "preprocessing/fingerprint.hpp"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/random.hpp"
#include "preprocessing/decode.hpp"
#include "tests/preprocessing/image_files.hpp"

namespace steelsight::fingerprint_test {
namespace {

// Noise of several sizes, as a rough surface has.
cv::Mat surface(std::uint64_t seed) {
  cv::Mat image(200, 200, CV_8UC1), fine(200, 200, CV_8UC1), coarse(20, 20, CV_8UC1);
  Random random(seed);
  for (cv::Mat* mat : {&fine, &coarse})
    for (auto at = mat->begin<std::uint8_t>(); at != mat->end<std::uint8_t>(); ++at)
      *at = static_cast<std::uint8_t>(random.below(256));
  cv::resize(coarse, image, image.size(), 0, 0, cv::INTER_CUBIC);
  cv::addWeighted(image, 0.5, fine, 0.3, 20, image);
  return image;
}

TEST(Fingerprint, IsCentredAndOfLengthOne) {
  const Fingerprint print = fingerprint(surface(1));
  double sum = 0, slope = 0, squares = 0;
  for (std::size_t i = 0; i < print.values.size(); ++i) {
    sum += print.values[i];
    slope += static_cast<double>(i % kFingerprintSide) * print.values[i];
    squares += print.values[i] * print.values[i];
  }
  EXPECT_NEAR(sum, 0, 1e-4);
  EXPECT_NEAR(slope, 0, 1e-3);
  EXPECT_NEAR(squares, 1, 1e-5);
}

TEST(Fingerprint, KnowsCopiesAgain) {
  const cv::Mat image = surface(1);
  cv::Mat smaller, brighter, colour, wide;
  cv::resize(image, smaller, cv::Size(128, 128), 0, 0, cv::INTER_AREA);
  image.convertTo(brighter, CV_8U, 0.8, 40);
  cv::cvtColor(image, colour, cv::COLOR_GRAY2BGR);
  image.convertTo(wide, CV_16U, 257);
  const cv::Mat jpeg = decode_image(encode(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, 50}), "x");
  const Fingerprint original = fingerprint(image);
  EXPECT_NEAR(similarity(original, original), 1, 1e-6);
  EXPECT_NEAR(similarity(original, fingerprint(colour)), 1, 1e-5);
  EXPECT_NEAR(similarity(original, fingerprint(wide)), 1, 1e-4);
  EXPECT_GT(similarity(original, fingerprint(smaller)), kNearDuplicate);
  EXPECT_GT(similarity(original, fingerprint(brighter)), kNearDuplicate);
  EXPECT_GT(similarity(original, fingerprint(jpeg)), kNearDuplicate);
}

TEST(Fingerprint, TellsOthersApart) {
  const Fingerprint original = fingerprint(surface(1));
  EXPECT_LT(similarity(original, fingerprint(surface(2))), 0.5);
  cv::Mat turned;
  cv::rotate(surface(1), turned, cv::ROTATE_90_CLOCKWISE);
  EXPECT_LT(similarity(original, fingerprint(turned)), 0.5);
  EXPECT_NEAR(similarity(original, fingerprint(255 - surface(1))), -1, 1e-4);
}

// Different surfaces under the same lamp.
TEST(Fingerprint, LooksThroughTheLight) {
  const auto lit = [](cv::Mat image) {
    for (int x = 0; x < image.cols; ++x) image.col(x) = image.col(x) * 0.3 + x * 0.9;
    return image;
  };
  EXPECT_LT(similarity(fingerprint(lit(surface(1))), fingerprint(lit(surface(2)))), 0.5);
  EXPECT_GT(similarity(fingerprint(surface(1)), fingerprint(lit(surface(1)))), kNearDuplicate);
}

TEST(Fingerprint, OfOneColourIsLikeNothing) {
  for (const int gray : {0, 77, 255}) {
    const Fingerprint flat = fingerprint(cv::Mat(200, 200, CV_8UC1, cv::Scalar(gray)));
    EXPECT_EQ(similarity(flat, flat), 0) << gray;
  }
  cv::Mat spot(200, 200, CV_8UC1, cv::Scalar(77));
  spot(cv::Rect(0, 0, 20, 20)).setTo(78);
  EXPECT_NEAR(similarity(fingerprint(spot), fingerprint(spot)), 1, 1e-5);
}

TEST(Fingerprint, RefusesOtherImages) {
  EXPECT_THROW(fingerprint(cv::Mat()), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::fingerprint_test
