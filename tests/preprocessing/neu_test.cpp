// On the real images: STEELSIGHT_NEU_DIR names the folder of NEU-CLS.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "preprocessing/decode.hpp"
#include "preprocessing/fingerprint.hpp"

namespace steelsight::neu_test {
namespace {

class Neu : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("STEELSIGHT_NEU_DIR");
    if (folder == nullptr) GTEST_SKIP() << "STEELSIGHT_NEU_DIR is not set";
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".bmp") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    ASSERT_GE(files.size(), 1000u);
  }

  std::vector<fs::path> files;
};

// OpenCV reads this one kind of BMP, 8 bits with a gray ramp, correctly.
TEST_F(Neu, DecodesAsOpenCvDoes) {
  for (const fs::path& file : files) {
    const cv::Mat image = read_image(file);
    ASSERT_EQ(image.size(), cv::Size(200, 200)) << file;
    ASSERT_EQ(image.type(), CV_8UC1) << file;
    const cv::Mat expected = cv::imread(file.string(), cv::IMREAD_GRAYSCALE);
    ASSERT_EQ(cv::norm(image, expected, cv::NORM_INF), 0) << file;
  }
}

// Textures of a kind look alike, but few pairs are near-duplicates, and every copy is one.
TEST_F(Neu, FingerprintsTellCopiesFromRelatives) {
  std::vector<Fingerprint> prints;
  std::size_t lost = 0;
  for (const fs::path& file : files) {
    const cv::Mat image = read_image(file);
    prints.push_back(fingerprint(image));
    cv::Mat copy;
    cv::resize(image, copy, cv::Size(160, 160), 0, 0, cv::INTER_AREA);
    copy.convertTo(copy, CV_8U, 0.95, 10);
    std::vector<std::uint8_t> jpeg;
    cv::imencode(".jpg", copy, jpeg, {cv::IMWRITE_JPEG_QUALITY, 80});
    copy = cv::imdecode(jpeg, cv::IMREAD_GRAYSCALE);
    lost += similarity(prints.back(), fingerprint(copy)) < kNearDuplicate;
  }
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < prints.size(); ++i)
    for (std::size_t j = i + 1; j < prints.size(); ++j)
      pairs += similarity(prints[i], prints[j]) >= kNearDuplicate;
  RecordProperty("near_duplicate_pairs", static_cast<int>(pairs));
  RecordProperty("lost_copies", static_cast<int>(lost));
  EXPECT_LE(pairs, 5u);
  EXPECT_LE(lost, files.size() / 100);
}

}  // namespace
}  // namespace steelsight::neu_test
