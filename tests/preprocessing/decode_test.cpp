#include "preprocessing/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <opencv2/core.hpp>

#include "core/random.hpp"
#include "tests/preprocessing/image_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::decode_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using testing::StrEq;
using testing::ThrowsMessage;

TEST(Decode, GivesBackWhatLosslessFilesHold) {
  for (const char* extension : {".png", ".tif", ".bmp"})
    for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3}) {
      if (std::string(extension) == ".bmp" && CV_MAT_DEPTH(type) == CV_16U) continue;
      for (const int width : {1, 2, 3, 17, 64}) {
        const cv::Mat image = test_image(width, 5, type);
        EXPECT_TRUE(same(decode_image(encode(extension, image), "x"), image))
            << extension << " of type " << type << ", width " << width;
      }
    }
}

TEST(Decode, IsCloseForJpeg) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    const cv::Mat image = test_image(40, 30, type);
    const cv::Mat decoded =
        decode_image(encode(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, 95}), "x.jpg");
    ASSERT_EQ(decoded.type(), type);
    EXPECT_LE(cv::norm(image, decoded, cv::NORM_INF), 4);
  }
}

// Samples are stored in the file's byte order, photometric 0 means that 0 is white.
TEST(Decode, ReadsTiffOfBothEndians) {
  for (const bool big_endian : {false, true}) {
    TiffFile tiff{
        .big_endian = big_endian,
        .tags =
            {{256, {3}}, {257, {1}}, {258, {8}}, {259, {1}}, {262, {1}}, {277, {1}}, {278, {1}}},
        .pixels = {1, 2, 3}};
    EXPECT_TRUE(
        same(decode_image(write_tiff(tiff), "8"), (cv::Mat_<std::uint8_t>(1, 3) << 1, 2, 3)));
    tiff.tags[262] = {0};
    EXPECT_TRUE(
        same(decode_image(write_tiff(tiff), "8"), (cv::Mat_<std::uint8_t>(1, 3) << 254, 253, 252)));

    tiff.tags[258] = {16};
    tiff.pixels = tiff.number(0, 2) + tiff.number(1000, 2) + tiff.number(65535, 2);
    EXPECT_TRUE(same(decode_image(write_tiff(tiff), "16"),
                     (cv::Mat_<std::uint16_t>(1, 3) << 65535, 64535, 0)));
    tiff.tags[262] = {1};
    EXPECT_TRUE(same(decode_image(write_tiff(tiff), "16"),
                     (cv::Mat_<std::uint16_t>(1, 3) << 0, 1000, 65535)));

    tiff.tags[258] = {1};
    tiff.pixels = "\xA0";
    EXPECT_TRUE(
        same(decode_image(write_tiff(tiff), "1"), (cv::Mat_<std::uint8_t>(1, 3) << 255, 0, 255)));

    tiff.tags[256] = {1};
    tiff.tags[262] = {2};
    tiff.tags[277] = {3};
    tiff.tags[258] = {16, 16, 16};
    tiff.pixels = tiff.number(1000, 2) + tiff.number(2000, 2) + tiff.number(3000, 2);
    const cv::Mat wide = decode_image(write_tiff(tiff), "rgb16");
    EXPECT_EQ(wide.at<cv::Vec3w>(0, 0), cv::Vec3w(3000, 2000, 1000));
    tiff.tags[258] = {8, 8, 8};
    tiff.pixels = {1, 2, 3};
    const cv::Mat colour = decode_image(write_tiff(tiff), "rgb8");
    EXPECT_EQ(colour.at<cv::Vec3b>(0, 0), cv::Vec3b(3, 2, 1));
  }
}

TEST(Decode, IgnoresAlpha) {
  cv::Mat image(4, 4, CV_8UC4, cv::Scalar(10, 20, 30, 0));
  const cv::Mat expected(4, 4, CV_8UC3, cv::Scalar(10, 20, 30));
  EXPECT_TRUE(same(decode_image(encode(".png", image), "x.png"), expected));
  EXPECT_TRUE(same(decode_image(encode(".bmp", image), "x.bmp"), expected));
}

// Whatever ExtraSamples says of it: 0 nothing, 1 multiplied into the colours, 2 not multiplied.
TEST(Decode, IgnoresTheAlphaOfTiff) {
  for (const bool big_endian : {false, true})
    for (const std::uint32_t extra : {0, 1, 2})
      for (const std::uint32_t alpha : {0, 1, 128, 255}) {
        TiffFile tiff{.big_endian = big_endian,
                      .tags = {{256, {1}},
                               {257, {1}},
                               {258, {8, 8, 8, 8}},
                               {259, {1}},
                               {262, {2}},
                               {277, {4}},
                               {278, {1}},
                               {338, {extra}}},
                      .pixels = {30, 20, static_cast<char>(200), static_cast<char>(alpha)}};
        const std::string what = "extra samples " + std::to_string(extra) + ", alpha " +
                                 std::to_string(alpha) + (big_endian ? ", big endian" : "");
        const cv::Mat colour = decode_image(write_tiff(tiff), what);
        EXPECT_EQ(colour.at<cv::Vec3b>(0, 0), cv::Vec3b(200, 20, 30)) << what;

        tiff.tags[258] = {16, 16, 16, 16};
        tiff.pixels = tiff.number(1000, 2) + tiff.number(2000, 2) + tiff.number(60000, 2) +
                      tiff.number(257UL * alpha, 2);
        const cv::Mat wide = decode_image(write_tiff(tiff), what);
        EXPECT_EQ(wide.at<cv::Vec3w>(0, 0), cv::Vec3w(60000, 2000, 1000)) << what;

        tiff.tags[258] = {8, 8};
        tiff.tags[262] = {1};
        tiff.tags[277] = {2};
        tiff.pixels = {77, static_cast<char>(alpha)};
        const cv::Mat gray = decode_image(write_tiff(tiff), what);
        EXPECT_EQ(cv::norm(gray, cv::NORM_INF), 77) << what;
      }
}

// A codec says nothing but that it failed.
TEST(Decode, TooLittleMemoryIsNoDamage) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "address space can't be limited";
#endif
  const std::string png = encode(".png", cv::Mat(6000, 6000, CV_8UC1, cv::Scalar(7)));
  decode_image(encode(".png", test_image(6, 5, CV_8UC1)), "x.png");  // the codecs are loaded
  const auto decode_in = [&](rlim_t more) {
    const rlim_t pages = std::stoull(read_file("/proc/self/statm"));  // that there are
    const rlim_t bytes = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more;
    const rlimit memory{.rlim_cur = bytes, .rlim_max = bytes};
    ::setrlimit(RLIMIT_AS, &memory);
    try {
      decode_image(png, "large.png");
    } catch (const std::bad_alloc&) {
      ::_exit(5);
    } catch (const std::exception&) {
      ::_exit(3);
    }
    ::_exit(0);
  };
  EXPECT_EXIT(decode_in(rlim_t{4} << 20), testing::ExitedWithCode(5), "");
  EXPECT_EXIT(decode_in(rlim_t{1000} << 20), testing::ExitedWithCode(0), "");
}

// The eight orientations of the Exif standard, by where the first row and the first column of the
// stored image are seen.
const cv::Mat_<std::uint8_t> kOriented[] = {(cv::Mat_<std::uint8_t>(2, 3) << 1, 2, 3, 4, 5, 6),
                                            (cv::Mat_<std::uint8_t>(2, 3) << 3, 2, 1, 6, 5, 4),
                                            (cv::Mat_<std::uint8_t>(2, 3) << 6, 5, 4, 3, 2, 1),
                                            (cv::Mat_<std::uint8_t>(2, 3) << 4, 5, 6, 1, 2, 3),
                                            (cv::Mat_<std::uint8_t>(3, 2) << 1, 4, 2, 5, 3, 6),
                                            (cv::Mat_<std::uint8_t>(3, 2) << 4, 1, 5, 2, 6, 3),
                                            (cv::Mat_<std::uint8_t>(3, 2) << 6, 3, 5, 2, 4, 1),
                                            (cv::Mat_<std::uint8_t>(3, 2) << 3, 6, 2, 5, 1, 4)};

TEST(Decode, HonoursTheOrientationOfTiff) {
  for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
    const TiffFile tiff{.tags = {{256, {3}},
                                 {257, {2}},
                                 {258, {8}},
                                 {259, {1}},
                                 {262, {1}},
                                 {274, {orientation}},
                                 {277, {1}},
                                 {278, {2}}},
                        .pixels = {1, 2, 3, 4, 5, 6}};
    const cv::Mat image = decode_image(write_tiff(tiff), "x.tif");
    EXPECT_TRUE(same(image, kOriented[orientation - 1])) << orientation << ": " << image;
  }
}

TEST(Decode, HonoursTheOrientationOfExif) {
  cv::Mat stored(48, 64, CV_8UC1, cv::Scalar(40));
  stored(cv::Rect(0, 0, 32, 24)).setTo(200);  // the top left quarter
  const std::string jpeg = encode(".jpg", stored);
  // Orientation 6: the first row is seen on the right, the first column on top.
  const std::string exif = std::string("Exif\0\0", 6) + "II" + little(42, 2) + little(8, 4) +
                           little(1, 2) + little(274, 2) + little(3, 2) + little(1, 4) +
                           little(6, 4) + little(0, 4);
  const std::string file =
      jpeg.substr(0, 2) + "\xFF\xE1" + big(exif.size() + 2, 2) + exif + jpeg.substr(2);
  const cv::Mat image = decode_image(file, "x.jpg");
  ASSERT_EQ(image.size(), cv::Size(48, 64));
  EXPECT_NEAR(image.at<std::uint8_t>(10, 40), 200, 4);
  EXPECT_NEAR(image.at<std::uint8_t>(10, 8), 40, 4);
  EXPECT_NEAR(image.at<std::uint8_t>(50, 40), 40, 4);
}

TEST(Decode, RefusesWhatIsOverTheLimits) {
  std::string claims = write_bmp({.palette = gray_ramp(256), .pixel = [](int, int) { return 0u; }});
  claims.replace(18, 8, little(100000, 4) + little(100000, 4));
  EXPECT_THAT([&] { decode_image(claims, "x.bmp"); },
              ThrowsMessage<ImageError>(
                  AllOf(StartsWith("x.bmp: "), HasSubstr("100000x100000"), HasSubstr("16384"))));
  const std::string png = encode(".png", test_image(40, 30, CV_8UC1));
  EXPECT_NO_THROW(decode_image(png, "x", {.max_side = 40, .max_pixels = 1200}));
  EXPECT_THROW(decode_image(png, "x", {.max_side = 39}), ImageError);
  EXPECT_THROW(decode_image(png, "x", {.max_pixels = 1199}), ImageError);
  EXPECT_THAT([&] { decode_image(png, "x.png", {.max_file_bytes = 10}); },
              ThrowsMessage<ImageError>(HasSubstr("expected at most 10")));
}

struct Fragile {
  const char* what;
  std::string file;
  bool decodes_when_cut;  // no sign tells that the last bytes are missing
};

std::vector<Fragile> small_files() {
  const auto pixel = [](int x, int y) { return static_cast<std::uint32_t>(x + y) % 2; };
  const cv::Mat gray = test_image(9, 7, CV_8UC1), colour = test_image(9, 7, CV_8UC3),
                wide = test_image(9, 7, CV_16UC1);
  const std::vector<int> plain = {cv::IMWRITE_TIFF_COMPRESSION, 1};
  return {
      {"BMP 1",
       write_bmp({.width = 32, .height = 5, .bits = 1, .palette = gray_ramp(2), .pixel = pixel}),
       false},
      {"BMP 8", write_bmp({.width = 8, .height = 5, .palette = gray_ramp(256), .pixel = pixel}),
       false},
      {"BMP 16",
       write_bmp({.width = 8,
                  .height = 5,
                  .bits = 16,
                  .compression = 3,
                  .masks = {0xF800, 0x7E0, 0x1F},
                  .pixel = pixel}),
       false},
      {"BMP 32",
       write_bmp({.width = 8, .height = 5, .bits = 32, .header_bytes = 124, .pixel = pixel}),
       false},
      {"BMP RLE8",
       write_bmp({.width = 4,
                  .height = 3,
                  .compression = 1,
                  .palette = gray_ramp(256),
                  .codes = {4, 9, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 2, 0, 1}}),
       false},
      {"BMP RLE4",
       write_bmp({.width = 4,
                  .height = 3,
                  .bits = 4,
                  .compression = 2,
                  .palette = gray_ramp(16),
                  .codes = {4, 9, 0, 0, 0, 3, 18, 3, 0, 0, 0, 2, 1, 0, 0, 1}}),
       false},
      {"PNG gray", encode(".png", gray), false},
      {"PNG colour", encode(".png", colour), false},
      {"PNG 16", encode(".png", wide), false},
      {"JPEG gray", encode(".jpg", gray), false},
      {"JPEG colour", encode(".jpg", colour), false},
      {"JPEG progressive", encode(".jpg", colour, {cv::IMWRITE_JPEG_PROGRESSIVE, 1}), false},
      // OpenCV writes a list of directories behind the pixels; its end is not needed to decode.
      {"TIFF LZW", encode(".tif", colour), true},
      {"TIFF 8", encode(".tif", gray, plain), true},
      {"TIFF 16", encode(".tif", wide, plain), true},
  };
}

TEST(Decode, NoticesEveryTruncation) {
  for (const Fragile& fragile : small_files()) {
    const cv::Mat whole = decode_image(fragile.file, fragile.what);
    for (std::size_t size = 0; size < fragile.file.size(); ++size) {
      try {
        const cv::Mat image = decode_image(fragile.file.substr(0, size), fragile.what);
        EXPECT_TRUE(fragile.decodes_when_cut && same(image, whole))
            << fragile.what << " cut to " << size << " of " << fragile.file.size() << " bytes";
      } catch (const ImageError&) {
      }
    }
  }
}

TEST(Decode, SurvivesFlippedBits) {
  Random random(5);
  for (const Fragile& fragile : small_files())
    for (int round = 0; round < 1000; ++round) {
      std::string file = fragile.file;
      for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
        // Half of them in the headers, where they hurt.
        const std::size_t bound =
            random.chance(0.5f) ? std::min<std::size_t>(64, file.size()) : file.size();
        char& byte = file[random.below(bound)];
        byte = static_cast<char>(byte ^ 1 << random.below(8));
      }
      try {
        const cv::Mat image =
            decode_image(file, fragile.what, {.max_side = 1000, .max_pixels = 100000});
        EXPECT_LE(image.total(), 100000u);
        EXPECT_TRUE(image.depth() == CV_8U || image.depth() == CV_16U);
        EXPECT_TRUE(image.channels() == 1 || image.channels() == 3);
      } catch (const ImageError& error) {
        EXPECT_THAT(error.what(), StartsWith(fragile.what));
      }
    }
}

TEST(Decode, NoticesStripsThatAreTooShort) {
  const TiffFile tiff{
      .tags = {{256, {9}}, {257, {9}}, {258, {8}}, {259, {1}}, {262, {1}}, {277, {1}}, {278, {9}}},
      .pixels = std::string(80, '\1')};
  EXPECT_THAT([&] { decode_image(write_tiff(tiff), "x.tif"); },
              ThrowsMessage<ImageError>(HasSubstr("its pixels have 80 bytes, expected 81")));
}

TEST(Decode, NamesTheDamage) {
  const std::string good = encode(".png", test_image(40, 30, CV_8UC1));
  std::string png = good;
  png[png.find("IDAT") + 20] ^= 0x10;
  EXPECT_THAT([&] { decode_image(png, "x.png"); },
              ThrowsMessage<ImageError>(HasSubstr("x.png: PNG is damaged: the checksum")));
  // Right checksums around an image without pixels.
  png = good.substr(0, 33) + good.substr(good.size() - 12);
  EXPECT_THAT([&] { decode_image(png, "x.png"); },
              ThrowsMessage<ImageError>(StrEq("x.png: PNG can't be decoded; it is damaged")));
  const std::string jpeg = encode(".jpg", test_image(40, 30, CV_8UC1));
  EXPECT_THAT([&] { decode_image(jpeg.substr(0, jpeg.size() - 2), "x.jpg"); },
              ThrowsMessage<ImageError>(HasSubstr("JPEG is truncated: its end marker is missing")));
}

TEST(ReadImage, ReadsFilesOfAnyName) {
  const TemporaryFolder folder;
  const cv::Mat image = test_image(6, 5, CV_8UC1);
  const fs::path file = folder.add("钢 表面.BMP", encode(".png", image));  // content counts
  EXPECT_TRUE(same(read_image(file), image));
}

TEST(ReadImage, SaysWhyAFileCantBeRead) {
  const TemporaryFolder folder;
  const auto message = [](const std::string& text) {
    return ThrowsMessage<FileError>(HasSubstr(text));
  };
  EXPECT_THAT([&] { read_image(folder.path() / "none.bmp"); }, message("none.bmp: can't be read"));
  EXPECT_THAT([&] { read_image(folder.path()); }, message("is not a regular file"));
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.bmp").c_str(), 0600), 0);
  EXPECT_THAT([&] { read_image(folder.path() / "pipe.bmp"); }, message("is not a regular file"));
  EXPECT_THROW(read_image(folder.add("empty.bmp", "")), ImageError);
  EXPECT_THROW(read_image(folder.add("text.bmp", "not an image\n")), ImageError);
  const fs::path file = folder.add("a.png", encode(".png", test_image(6, 5, CV_8UC1)));
  EXPECT_THAT([&] { read_image(file, {.max_file_bytes = 20}); },
              ThrowsMessage<ImageError>(HasSubstr("expected at most 20")));
}

}  // namespace
}  // namespace steelsight::decode_test
