#include "preprocessing/bmp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/random.hpp"
#include "preprocessing/image_error.hpp"
#include "tests/preprocessing/image_files.hpp"

namespace steelsight::bmp_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string b(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

std::uint32_t hash(int x, int y) {
  return philox4x32({static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0},
                    {7, 0})[0];
}

std::uint8_t sample(const cv::Mat& image, int x, int y, int channel) {
  return image.ptr(y)[x * image.channels() + channel];
}

// A file of a known size, byte by byte: 3x2, 24 bits, from Microsoft's description.
TEST(Bmp, ReadsAFileWrittenByHand) {
  const std::string file = b({'b', 'M', 78, 0,  0,  0,  0,  0,  0,  0, 54, 0, 0, 0,         //
                              40,  0,   0,  0,  3,  0,  0,  0,  2,  0, 0,  0, 1, 0, 24, 0,  //
                              0,   0,   0,  0,  24, 0,  0,  0,  0,  0, 0,  0, 0, 0, 0,  0,  //
                              0,   0,   0,  0,  0,  0,  0,  0,                              //
                              1,   2,   3,  4,  5,  6,  7,  8,  9,  0, 0,  0,               //
                              11,  12,  13, 14, 15, 16, 17, 18, 19, 0, 0,  0});
  const cv::Mat expected =
      (cv::Mat_<cv::Vec3b>(2, 3) << cv::Vec3b(11, 12, 13), cv::Vec3b(14, 15, 16),
       cv::Vec3b(17, 18, 19), cv::Vec3b(1, 2, 3), cv::Vec3b(4, 5, 6), cv::Vec3b(7, 8, 9));
  EXPECT_TRUE(same(decode_bmp(file, "hand.bmp"), expected));
}

struct Sweep {
  int bits;
  std::uint32_t header_bytes;
  bool gray;
};

class BmpSweep : public testing::TestWithParam<Sweep> {};

// Every width around the paddings of every depth, both directions.
TEST_P(BmpSweep, ReadsEveryWidth) {
  const auto [bits, header_bytes, gray] = GetParam();
  const int colours = 1 << std::min(bits, 8);
  std::vector<Bgr> palette;
  for (int i = 0; bits <= 8 && i < colours; ++i) {
    const std::uint32_t random = hash(i, -1);
    const auto channel = [&](int shift) { return static_cast<std::uint8_t>(random >> shift); };
    palette.push_back(gray ? Bgr{channel(0), channel(0), channel(0)}
                           : Bgr{channel(0), channel(8), channel(16)});
  }
  const std::uint32_t mask = bits == 32 ? 0xFFFFFFFF : (1u << bits) - 1;
  for (const bool top_down : {false, true}) {
    if (top_down && header_bytes == 12) continue;  // its height has no sign
    for (int width = 1; width <= 35; ++width) {
      const BmpFile bmp{.width = width,
                        .height = 3,
                        .top_down = top_down,
                        .bits = bits,
                        .header_bytes = header_bytes,
                        .palette = palette,
                        .pixel = [&](int x, int y) { return hash(x, y) & mask; }};
      const cv::Mat image = decode_bmp(write_bmp(bmp), "sweep.bmp");
      ASSERT_EQ(image.size(), cv::Size(width, 3));
      ASSERT_EQ(image.type(), bits <= 8 && gray ? CV_8UC1 : CV_8UC3);
      for (int y = 0; y < 3; ++y)
        for (int x = 0; x < width; ++x)
          for (int c = 0; c < image.channels(); ++c) {
            const std::uint32_t pixel = hash(x, y) & mask;
            const int expected = bits <= 8 ? palette[pixel][static_cast<std::size_t>(c)]
                                           : static_cast<int>(pixel >> (8 * c) & 255);
            ASSERT_EQ(sample(image, x, y, c), expected)
                << bits << " bits, width " << width << ", x " << x << ", y " << y;
          }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BmpSweep,
    testing::Values(Sweep{1, 40, true}, Sweep{4, 40, true}, Sweep{8, 40, true}, Sweep{1, 40, false},
                    Sweep{4, 40, false}, Sweep{8, 40, false}, Sweep{24, 40, false},
                    Sweep{32, 40, false}, Sweep{1, 12, false}, Sweep{4, 12, true},
                    Sweep{8, 12, true}, Sweep{24, 12, false}, Sweep{8, 16, true},
                    Sweep{8, 64, true}, Sweep{24, 64, false}, Sweep{8, 108, true},
                    Sweep{8, 124, false}, Sweep{24, 124, false}, Sweep{32, 124, false}));

TEST(Bmp, HonoursAnInvertedPalette) {
  std::vector<Bgr> palette = gray_ramp(256);
  std::reverse(palette.begin(), palette.end());
  const cv::Mat image = decode_bmp(
      write_bmp({.width = 2, .palette = palette, .pixel = [](int x, int) { return x * 255u; }}),
      "inverted.bmp");
  EXPECT_TRUE(same(image, (cv::Mat_<std::uint8_t>(1, 2) << 255, 0)));
}

TEST(Bmp, FillsAShortPaletteWithBlackAndAMissingOneWithGrays) {
  const auto pixel = [](int x, int) { return static_cast<std::uint32_t>(x); };
  const BmpFile brief{.width = 4,
                      .palette = {{9, 9, 9}, {7, 7, 7}, {5, 5, 5}},
                      .claimed_colours = 3,
                      .pixel = pixel};
  EXPECT_TRUE(
      same(decode_bmp(write_bmp(brief), "x"), (cv::Mat_<std::uint8_t>(1, 4) << 9, 7, 5, 0)));
  BmpFile claims_all = brief;
  claims_all.claimed_colours = 0;
  EXPECT_TRUE(
      same(decode_bmp(write_bmp(claims_all), "x"), (cv::Mat_<std::uint8_t>(1, 4) << 9, 7, 5, 0)));
  const BmpFile none{.width = 4, .pixel = pixel};
  EXPECT_TRUE(same(decode_bmp(write_bmp(none), "x"), (cv::Mat_<std::uint8_t>(1, 4) << 0, 1, 2, 3)));
  const BmpFile none4{.width = 4, .bits = 4, .pixel = pixel};
  EXPECT_TRUE(
      same(decode_bmp(write_bmp(none4), "x"), (cv::Mat_<std::uint8_t>(1, 4) << 0, 17, 34, 51)));
}

TEST(Bmp, AcceptsMoreClaimedColoursThanBitsCanName) {
  const BmpFile bmp{.width = 2,
                    .bits = 1,
                    .palette = gray_ramp(256),
                    .claimed_colours = 256,
                    .pixel = [](int x, int) { return static_cast<std::uint32_t>(x); }};
  EXPECT_TRUE(same(decode_bmp(write_bmp(bmp), "x"), (cv::Mat_<std::uint8_t>(1, 2) << 0, 1)));
}

struct Packed {
  const char* what;
  int bits;
  std::uint32_t header_bytes, compression;
  std::vector<std::uint32_t> masks;
  std::uint32_t pixel;
  cv::Vec3b bgr;
};

// Channels of n bits become round(255 v / (2^n - 1)).
TEST(Bmp, ReadsBitFields) {
  const Packed table[] = {
      {"555 white", 16, 40, 0, {}, 0x7FFF, {255, 255, 255}},
      {"555, the top bit unused", 16, 40, 0, {}, 0xFFFF, {255, 255, 255}},
      {"555 single steps", 16, 40, 0, {}, 1 | 2 << 5 | 3 << 10, {8, 16, 25}},
      {"565", 16, 40, 3, {0xF800, 0x7E0, 0x1F}, 1 | 2 << 5 | 3 << 11, {8, 8, 25}},
      {"565 white", 16, 40, 3, {0xF800, 0x7E0, 0x1F}, 0xFFFF, {255, 255, 255}},
      {"565 in a long header", 16, 124, 3, {0xF800, 0x7E0, 0x1F}, 0xF800, {0, 0, 255}},
      {"4444", 16, 56, 3, {0xF00, 0xF0, 0xF, 0xF000}, 0x5A3F, {255, 51, 170}},
      {"xRGB", 32, 40, 3, {0xFF0000, 0xFF00, 0xFF}, 0xFF010203, {3, 2, 1}},
      {"xBGR", 32, 40, 3, {0xFF, 0xFF00, 0xFF0000}, 0xFF010203, {1, 2, 3}},
      {"RGBx", 32, 108, 3, {0xFF000000, 0xFF0000, 0xFF00}, 0x010203FF, {3, 2, 1}},
      {"alpha 0 is ignored", 32, 124, 3, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 0x010203, {3, 2, 1}},
      {"alpha masks", 32, 40, 6, {0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 0x010203, {3, 2, 1}},
      {"10 bits",
       32,
       40,
       3,
       {0x3FF00000, 0xFFC00, 0x3FF},
       1023u << 20 | 512 << 10 | 2,
       {0, 128, 255}},
      {"32 bits in one", 32, 40, 3, {0xFFFFFFFF, 0, 0}, 0x80000000, {0, 0, 128}},
      {"52-byte header", 32, 52, 3, {0xFF, 0xFF00, 0xFF0000}, 0x010203, {1, 2, 3}},
  };
  for (const Packed& row : table) {
    const BmpFile bmp{.width = 3,
                      .height = 2,
                      .bits = row.bits,
                      .header_bytes = row.header_bytes,
                      .compression = row.compression,
                      .masks = row.masks,
                      .pixel = [&](int, int) { return row.pixel; }};
    const cv::Mat expected(2, 3, CV_8UC3, cv::Scalar(row.bgr[0], row.bgr[1], row.bgr[2]));
    const cv::Mat image = decode_bmp(write_bmp(bmp), "packed.bmp");
    EXPECT_TRUE(same(image, expected)) << row.what << ": " << image;
  }
}

struct Rle {
  const char* what;
  int bits;
  std::string codes;
  cv::Mat_<std::uint8_t> expected;  // indices, 5x2
};

// Codes from Microsoft's "Bitmap Compression", its row order bottom-up.
TEST(Bmp, ReadsRunLengthCodes) {
  const cv::Mat_<std::uint8_t> lines =
      (cv::Mat_<std::uint8_t>(2, 5) << 7, 8, 9, 1, 1, 5, 5, 5, 6, 6);
  const Rle table[] = {
      {"8: runs and single pixels, padded", 8, b({3, 5, 2, 6, 0, 0, 0, 3, 7, 8, 9, 0, 2, 1, 0, 1}),
       lines},
      {"8: the end of the image is missing", 8, b({3, 5, 2, 6, 0, 0, 0, 3, 7, 8, 9, 0, 2, 1}),
       lines},
      {"8: a jump leaves pixels out", 8, b({1, 5, 0, 2, 2, 1, 1, 6, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 0, 0, 0, 6, 0, 5, 0, 0, 0, 0)},
      {"8: an early end leaves rows out", 8, b({2, 5, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 0, 0, 0, 0, 0, 5, 5, 0, 0, 0)},
      {"8: a run past the edge is cut", 8, b({255, 5, 0, 0, 5, 6, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 6, 6, 6, 6, 6, 5, 5, 5, 5, 5)},
      {"8: a jump out of the image ends it", 8, b({5, 1, 0, 2, 200, 200, 5, 6, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 0, 0, 0, 0, 0, 1, 1, 1, 1, 1)},
      {"4: a run alternates", 4, b({5, 0x12, 0, 0, 0, 5, 0x34, 0x56, 0x70, 0, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 3, 4, 5, 6, 7, 1, 2, 1, 2, 1)},
      {"4: a jump", 4, b({1, 0x12, 0, 2, 1, 1, 2, 0x34, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 0, 0, 3, 4, 0, 1, 0, 0, 0, 0)},
      {"4: three single pixels fill two bytes", 4,
       b({0, 3, 0x12, 0x30, 2, 0x45, 0, 0, 5, 0x66, 0, 1}),
       (cv::Mat_<std::uint8_t>(2, 5) << 6, 6, 6, 6, 6, 1, 2, 3, 4, 5)},
  };
  for (const Rle& row : table) {
    std::vector<Bgr> palette;
    for (int i = 0; i < 1 << row.bits; ++i) {
      const auto gray = static_cast<std::uint8_t>(i);
      palette.push_back({gray, gray, gray});
    }
    const BmpFile bmp{.width = 5,
                      .height = 2,
                      .bits = row.bits,
                      .compression = row.bits == 8 ? 1u : 2u,
                      .palette = palette,
                      .codes = row.codes};
    const cv::Mat image = decode_bmp(write_bmp(bmp), "rle.bmp");
    EXPECT_TRUE(same(image, row.expected)) << row.what << ": " << image;
  }
}

// A small encoder with random choices between runs and single pixels.
std::string encode_rle8(const cv::Mat& indices, Random random) {
  std::string codes;
  for (int y = indices.rows - 1; y >= 0; --y) {
    const std::uint8_t* row = indices.ptr(y);
    for (int x = 0; x < indices.cols;) {
      const int left = indices.cols - x;
      if (left >= 3 && random.chance(0.5f)) {
        const int count =
            3 + static_cast<int>(random.below(static_cast<std::uint64_t>(std::min(left, 255) - 2)));
        codes += b({0, count});
        for (int i = 0; i < count; ++i) codes += static_cast<char>(row[x + i]);
        if (count % 2 == 1) codes += '\0';
        x += count;
      } else {
        int count = 1;
        while (count < std::min(left, 255) && row[x + count] == row[x]) ++count;
        codes += b({count, row[x]});
        x += count;
      }
    }
    codes += b({0, 0});
  }
  return codes + b({0, 1});
}

TEST(Bmp, ReadsRandomRunLengthImages) {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    cv::Mat indices(1 + static_cast<int>(random.below(20)), 1 + static_cast<int>(random.below(400)),
                    CV_8UC1);
    for (int y = 0; y < indices.rows; ++y)
      for (int x = 0; x < indices.cols; ++x)
        indices.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>(random.below(4) * 60);
    const BmpFile bmp{.width = indices.cols,
                      .height = indices.rows,
                      .compression = 1,
                      .palette = gray_ramp(256),
                      .codes = encode_rle8(indices, random.child(1))};
    ASSERT_TRUE(same(decode_bmp(write_bmp(bmp), "rle.bmp"), indices)) << "round " << round;
  }
}

TEST(Bmp, AcceptsTheLastRowWithoutItsPadding) {
  const BmpFile bmp{.width = 5, .height = 2, .palette = gray_ramp(256), .pixel = [](int x, int y) {
                      return static_cast<std::uint32_t>(10 * y + x);
                    }};
  std::string file = write_bmp(bmp);
  const cv::Mat whole = decode_bmp(file, "x");
  EXPECT_TRUE(same(decode_bmp(file.substr(0, file.size() - 3), "x"), whole));
  EXPECT_THROW(decode_bmp(file.substr(0, file.size() - 4), "x"), ImageError);
}

std::string patched(std::string file, std::size_t at, const std::string& bytes) {
  return file.replace(at, bytes.size(), bytes);
}

TEST(Bmp, SaysWhatIsWrong) {
  const std::string good = write_bmp(
      {.width = 4, .height = 4, .palette = gray_ramp(256), .pixel = [](int, int) { return 1u; }});
  const std::string packed = write_bmp(
      {.bits = 16, .compression = 3, .masks = {0xF800, 0x7E0, 0x1F}, .pixel = [](int, int) {
         return 1u;
       }});
  const std::pair<std::string, const char*> table[] = {
      {good.substr(0, 20), "file ends at byte 20"},
      {good.substr(0, good.size() - 1), "BMP is truncated: 1093 bytes, expected 1094"},
      {patched(good, 14, little(41, 4)), "BMP header has 41 bytes, expected 12"},
      {patched(good, 18, little(0, 4)), "claims 0x4 pixels"},
      {patched(good, 18, little(0xFFFFFFFF, 4)), "claims -1x4 pixels"},
      {patched(good, 22, little(0, 4)), "claims 4x0 pixels"},
      {patched(good, 22, little(0x80000000, 4)), "expected 8589935670"},
      {patched(good, 28, little(7, 2)), "7 bits a pixel, expected 1, 4"},
      {patched(good, 28, little(0, 2)), "0 bits a pixel"},
      {patched(good, 30, little(2, 4)), "BMP compression is 2 with 8 bits"},
      {patched(good, 30, little(4, 4)), "BMP compression is 4"},
      {patched(good, 10, little(53, 4)), "BMP pixels start at byte 53, inside the header"},
      {patched(good, 10, little(0xFFFFFFFF, 4)), "expected 4294967311"},
      {patched(packed, 54, little(0x5, 4)), "BMP colour mask 5 is not one run"},
      {patched(packed, 54, little(0x10000, 4)), "BMP colour mask 65536 is not one run"},
      {write_bmp({.width = 4,
                  .height = 4,
                  .compression = 1,
                  .palette = gray_ramp(256),
                  .codes = b({4, 1, 0, 0, 4, 2})}),
       "run-length codes end in row 2 of 4"},
  };
  for (const auto& [file, message] : table)
    EXPECT_THAT([&file = file] { decode_bmp(file, "bad.bmp"); },
                ThrowsMessage<ImageError>(
                    testing::AllOf(testing::StartsWith("bad.bmp: "), HasSubstr(message))));
}

}  // namespace
}  // namespace steelsight::bmp_test
