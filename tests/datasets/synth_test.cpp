#include "datasets/synth.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "core/content_hash.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/synth_canvas.hpp"
#include "datasets/synth_textures.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::synth_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class SynthTest : public FolderFixture {
 protected:
  // Content by name.
  std::map<std::string, std::string> files(const SynthOptions& options) const {
    synthesize(options);
    std::map<std::string, std::string> contents;
    for (const auto& entry : fs::directory_iterator(options.folder))
      contents[entry.path().filename().string()] = read_file(entry.path());
    return contents;
  }
};

TEST_F(SynthTest, NamesAndFormatAreThoseOfNeu) {
  const auto contents = files({.folder = folder_, .per_class = 2});
  std::vector<std::string> names;
  for (const auto& [name, bytes] : contents) {
    names.push_back(name);
    EXPECT_EQ(bytes.size(), 41078u);
    EXPECT_EQ(bytes.substr(0, 2), "BM");
    EXPECT_EQ(bytes[28], 8);  // bits per pixel
    const cv::Mat image = cv::imread((folder_ / name).string(), cv::IMREAD_UNCHANGED);
    EXPECT_EQ(image.size(), cv::Size(200, 200));
  }
  EXPECT_THAT(names,
              ElementsAre("Cr_1.bmp", "Cr_2.bmp", "In_1.bmp", "In_2.bmp", "PS_1.bmp", "PS_2.bmp",
                          "Pa_1.bmp", "Pa_2.bmp", "RS_1.bmp", "RS_2.bmp", "Sc_1.bmp", "Sc_2.bmp"));
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::prefixed_files);
  EXPECT_THAT(samples_per_class(dataset), Each(2));
}

// 63 is no multiple of 4: rows are padded.
TEST_F(SynthTest, FilesAreThoseOpenCvWrites) {
  for (const auto& [name, bytes] : files({.folder = folder_, .per_class = 1, .size = 63})) {
    std::vector<unsigned char> expected;
    cv::imencode(".bmp", cv::imread((folder_ / name).string(), cv::IMREAD_UNCHANGED), expected);
    EXPECT_EQ(bytes, std::string(expected.begin(), expected.end())) << name;
  }
}

TEST_F(SynthTest, SameSeedSameBytesWhateverTheNumberOfImages) {
  const auto three = files({.folder = folder_ / "a", .per_class = 3, .seed = 7});
  const auto two = files({.folder = folder_ / "b" / "new", .per_class = 2, .seed = 7});
  const auto other = files({.folder = folder_ / "c", .per_class = 2, .seed = 8});
  ASSERT_EQ(two.size(), 12u);
  std::set<std::uint64_t> hashes;
  for (const auto& [name, bytes] : two) {
    EXPECT_EQ(bytes, three.at(name)) << name;
    EXPECT_NE(bytes, other.at(name)) << name;
    hashes.insert(content_hash(bytes.data(), bytes.size()));
  }
  EXPECT_EQ(hashes.size(), 12u);
}

TEST_F(SynthTest, OtherSizes) {
  for (const int size : {16, 64, 333}) {
    synthesize({.folder = folder_, .per_class = 1, .size = size});
    for (const Texture& texture : textures()) {
      const fs::path file = folder_ / (std::string(texture.prefix) + "_1.bmp");
      const cv::Mat image = cv::imread(file.string(), cv::IMREAD_UNCHANGED);
      EXPECT_EQ(image.size(), cv::Size(size, size));
      EXPECT_EQ(image.depth(), CV_8U);
    }
  }
}

TEST_F(SynthTest, ImagesHaveBrightnessAndContrastInRange) {
  synthesize({.folder = folder_, .per_class = 4, .seed = 3});
  for (const Texture& texture : textures())
    for (int i = 1; i <= 4; ++i) {
      const fs::path file =
          folder_ / (std::string(texture.prefix) + "_" + std::to_string(i) + ".bmp");
      cv::Scalar mean, deviation;
      cv::meanStdDev(cv::imread(file.string(), cv::IMREAD_GRAYSCALE), mean, deviation);
      // Light that falls off adds to the deviation, clipping to 0..255 takes from it.
      EXPECT_GT(mean[0], texture.mean.low - 12) << file;
      EXPECT_LT(mean[0], texture.mean.high + 12) << file;
      EXPECT_GT(deviation[0], 0.7 * texture.deviation.low) << file;
      EXPECT_LT(deviation[0], texture.deviation.high + 30) << file;
    }
}

TEST_F(SynthTest, RefusesOptionsOutOfRange) {
  const auto error = [&](std::size_t per_class, int size) {
    return message_of<ConfigError>(
        [&] { synthesize({.folder = folder_, .per_class = per_class, .size = size}); });
  };
  EXPECT_THAT(error(0, 200), HasSubstr("0 images per class, expected 1 to 100000"));
  EXPECT_THAT(error(100001, 200), HasSubstr("expected 1 to 100000"));
  EXPECT_THAT(error(1, 15), HasSubstr("size is 15, expected 16 to 1024"));
  EXPECT_THAT(error(1, 1025), HasSubstr("expected 16 to 1024"));
  EXPECT_TRUE(fs::is_empty(folder_));
  touch("file");
  EXPECT_THROW(synthesize({.folder = folder_ / "file", .per_class = 1}), FileError);
  EXPECT_THROW(synthesize({.folder = folder_ / "file" / "below", .per_class = 1}), FileError);
  fs::create_directories(folder_ / "taken" / "Cr_1.bmp");
  EXPECT_THROW(synthesize({.folder = folder_ / "taken", .per_class = 1}), FileError);
}

TEST(SynthCanvas, NoiseIsStandardizedAndSmoothAsAsked) {
  // Mean product of neighbours: the larger, the smoother in that direction.
  const auto correlation = [](const Field& field, int dx, int dy) {
    const cv::Rect all(0, 0, field.cols - dx, field.rows - dy);
    return cv::mean(field(all).mul(field(all + cv::Point(dx, dy))))[0];
  };
  for (const NoiseOptions& options :
       {NoiseOptions{.along_x = 0, .along_y = 0}, NoiseOptions{.along_x = 6, .along_y = 1},
        NoiseOptions{.along_x = 30, .along_y = 12},
        NoiseOptions{.along_x = 6, .along_y = 1, .degrees = 90}}) {
    Random random(5);
    const Field field = noise(random, options);
    ASSERT_EQ(field.size(), cv::Size(kSynthSide, kSynthSide));
    cv::Scalar mean, deviation;
    cv::meanStdDev(field, mean, deviation);
    EXPECT_NEAR(mean[0], 0, 1e-4);
    EXPECT_NEAR(deviation[0], 1, 1e-4);
    const double across = correlation(field, 4, 0);
    const double down = correlation(field, 0, 4);
    if (options.along_x == 0)
      EXPECT_LT(std::abs(across) + std::abs(down), 0.05);
    else if (options.degrees == 90)
      EXPECT_GT(down, across + 0.3);
    else
      EXPECT_GT(across, down + (options.along_x < 10 ? 0.3 : 0.0));
  }
}

TEST(SynthCanvas, HighestMarksTheAskedArea) {
  Random random(6);
  const Field field = noise(random, {.along_x = 3, .along_y = 3});
  for (const float area : {0.02f, 0.3f})
    EXPECT_NEAR(cv::mean(highest(field, area, 0.01f))[0], area, 0.01);
}

TEST(SynthCanvas, AConstantFieldStandardizesToZero) {
  EXPECT_EQ(cv::norm(standardized(Field(4, 4, 7.0f))), 0);
}

}  // namespace
}  // namespace steelsight::synth_test
