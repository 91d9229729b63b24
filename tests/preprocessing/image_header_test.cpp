#include "preprocessing/image_header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "tests/preprocessing/image_files.hpp"

namespace steelsight::image_header_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

std::string patched(std::string file, std::size_t at, const std::string& bytes) {
  return file.replace(at, bytes.size(), bytes);
}

std::string tiff(bool big_endian,
                 const std::map<std::uint32_t, std::vector<std::uint32_t>>& changes) {
  TiffFile file{.big_endian = big_endian,
                .tags = {{256, {5}}, {257, {3}}, {258, {8}}, {259, {1}}, {262, {1}}, {277, {1}}},
                .pixels = std::string(15, '\0')};
  for (const auto& [tag, values] : changes) file.tags[tag] = values;
  return write_tiff(file);
}

TEST(ImageHeader, ReadsEveryKind) {
  const auto pixel = [](int, int) { return 0u; };
  const cv::Mat gray = test_image(5, 3, CV_8UC1), colour = test_image(5, 3, CV_8UC3),
                wide = test_image(5, 3, CV_16UC3), alpha = test_image(5, 3, CV_8UC4);
  struct Row {
    const char* what;
    std::string file;
    ImageKind kind;
    int channels, bits_per_pixel;
  };
  const Row table[] = {
      {"BMP 1", write_bmp({.width = 5, .height = 3, .bits = 1, .pixel = pixel}), ImageKind::bmp, 1,
       1},
      {"BMP 8", write_bmp({.width = 5, .height = 3, .pixel = pixel}), ImageKind::bmp, 1, 8},
      {"BMP top-down", write_bmp({.width = 5, .height = 3, .top_down = true, .pixel = pixel}),
       ImageKind::bmp, 1, 8},
      {"BMP OS/2",
       write_bmp({.width = 5, .height = 3, .bits = 24, .header_bytes = 12, .pixel = pixel}),
       ImageKind::bmp, 3, 24},
      {"BMP 16", write_bmp({.width = 5, .height = 3, .bits = 16, .pixel = pixel}), ImageKind::bmp,
       3, 16},
      {"BMP 32", write_bmp({.width = 5, .height = 3, .bits = 32, .pixel = pixel}), ImageKind::bmp,
       4, 32},
      {"PNG gray", encode(".png", gray), ImageKind::png, 1, 8},
      {"PNG 16", encode(".png", wide), ImageKind::png, 3, 48},
      {"PNG alpha", encode(".png", alpha), ImageKind::png, 4, 32},
      {"JPEG gray", encode(".jpg", gray), ImageKind::jpeg, 1, 8},
      {"JPEG", encode(".jpg", colour), ImageKind::jpeg, 3, 24},
      {"JPEG progressive", encode(".jpg", colour, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}),
       ImageKind::jpeg, 3, 24},
      {"TIFF LZW", encode(".tif", colour), ImageKind::tiff, 3, 24},
      {"TIFF little-endian", tiff(false, {}), ImageKind::tiff, 1, 8},
      {"TIFF big-endian", tiff(true, {}), ImageKind::tiff, 1, 8},
      {"TIFF 16", tiff(true, {{258, {16, 16, 16}}, {262, {2}}, {277, {3}}}), ImageKind::tiff, 3,
       48},
      {"TIFF of few tags", write_tiff({.tags = {{256, {5}}, {257, {3}}}, .pixels = "abc"}),
       ImageKind::tiff, 1, 1},
  };
  for (const Row& row : table) {
    const ImageHeader header = read_image_header(row.file, row.what);
    EXPECT_EQ(header.kind, row.kind) << row.what;
    EXPECT_EQ(header.width, 5) << row.what;
    EXPECT_EQ(header.height, 3) << row.what;
    EXPECT_EQ(header.channels, row.channels) << row.what;
    EXPECT_EQ(header.bits_per_pixel, row.bits_per_pixel) << row.what;
  }
}

TEST(ImageHeader, NeedsOnlyTheFirstBytesOfBmpAndPng) {
  const std::string bmp = write_bmp(
      {.width = 5, .height = 3, .palette = gray_ramp(256), .pixel = [](int, int) { return 0u; }});
  EXPECT_EQ(read_image_header(bmp.substr(0, 1078), "x").width, 5);
  EXPECT_EQ(read_image_header(encode(".png", test_image(5, 3, CV_8UC1)).substr(0, 29), "x").width,
            5);
}

TEST(ImageHeader, SaysWhatIsWrong) {
  const std::string png = encode(".png", test_image(5, 3, CV_8UC1));
  const std::string jpeg = encode(".jpg", test_image(5, 3, CV_8UC3));
  const std::size_t frame = jpeg.find("\xFF\xC0") + 4;
  const std::string good_tiff = tiff(false, {});
  const std::pair<std::string, const char*> table[] = {
      {"", "file is empty, expected an image"},
      {"hello\nworld", "is not a BMP, PNG, TIFF or JPEG image, it starts with 'hello.wo'"},
      {"GIF89a", "it starts with 'GIF89a'"},
      {"BMnothing", "file ends at byte 9"},
      {png.substr(0, 20), "file ends at byte 20"},
      {patched(png, 12, "IDAT"), "PNG doesn't start with its header chunk"},
      {patched(png, 25, "\x05"), "PNG colour type 5 with 8 bits"},
      {patched(png, 16, big(0, 4)), "PNG header claims 0x3 pixels"},
      {jpeg.substr(0, 100), "JPEG has no frame header"},
      {patched(jpeg, frame, "\x0C"), "JPEG has 12 bits a sample, expected 8"},
      {patched(jpeg, frame + 5, "\x04"), "JPEG has 4 channels, expected 1 or 3; save a CMYK"},
      {patched(jpeg, frame + 1, big(0, 2)), "JPEG header claims 5x0 pixels"},
      {patched(good_tiff, 2, little(43, 2)), "is a BigTIFF"},
      {patched(good_tiff, 2, little(7, 2)), "TIFF version is 7, expected 42"},
      {patched(good_tiff, 4, little(4000, 4)), "file ends at byte"},
      {patched(good_tiff, 10, little(257, 2)), "TIFF tag 257 appears twice"},
      {patched(good_tiff, 12, little(5, 2)), "TIFF tag 256 has 1 values of type 5"},
      {patched(good_tiff, 14, little(0, 4)), "TIFF tag 256 has 0 values"},
      {tiff(false, {{256, {0}}}), "TIFF header claims 0x3 pixels"},
      {tiff(false, {{339, {3}}}), "signed or floating-point"},
      {tiff(false, {{258, {12}}}), "TIFF has 12 bits a sample, expected 1, 8 or 16"},
      {tiff(false, {{258, {8, 8, 16}}}), "TIFF mixes samples"},
      {tiff(false, {{262, {5}}, {277, {4}}}), "TIFF is CMYK"},
      {tiff(false, {{262, {8}}}), "TIFF colour space 8"},
      {tiff(false, {{277, {5}}}), "TIFF has 5 channels of 8 bits"},
      {tiff(false, {{258, {16}}, {277, {2}}}), "TIFF has 16-bit samples with"},
      {tiff(false, {{258, {16}}, {262, {3}}}), "TIFF has 16-bit samples with"},
      {tiff(false, {{258, {16}}, {277, {3}}, {284, {2}}}), "TIFF has 16-bit samples with"},
  };
  for (const auto& [file, message] : table)
    EXPECT_THAT([&file = file] { read_image_header(file, "bad.img"); },
                ThrowsMessage<ImageError>(AllOf(StartsWith("bad.img: "), HasSubstr(message))));
}

TEST(ImageHeader, HoldsTheLimits) {
  const ImageLimits limits{.max_side = 100, .max_pixels = 6000};
  const auto check = [&](std::int64_t width, std::int64_t height) {
    check_limits({.width = width, .height = height}, limits, "x.bmp");
  };
  EXPECT_NO_THROW(check(100, 60));
  EXPECT_NO_THROW(check(60, 100));
  EXPECT_THAT([&] { check(101, 1); },
              ThrowsMessage<ImageError>(AllOf(StartsWith("x.bmp: BMP header claims 101x1 pixels"),
                                              HasSubstr("sides of at most 100"))));
  EXPECT_THROW(check(1, 101), ImageError);
  EXPECT_THAT([&] { check(100, 61); },
              ThrowsMessage<ImageError>(HasSubstr("expected at most 6000;")));
  EXPECT_THROW(check(std::int64_t{1} << 32, std::int64_t{1} << 32), ImageError);
}

}  // namespace
}  // namespace steelsight::image_header_test
