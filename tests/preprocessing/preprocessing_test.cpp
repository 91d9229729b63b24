#include "preprocessing/preprocessing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <opencv2/core.hpp>

#include "core/atomic_file.hpp"
#include "tests/preprocessing/image_files.hpp"

namespace steelsight::preprocessing_test {
namespace {

using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

std::vector<float> planes_of(const cv::Mat& image, const Preprocessing& p) {
  std::vector<float> planes(p.floats());
  to_planes(image, p, planes.data());
  return planes;
}

// Made by scripts/reference/export_preprocessing.py.
const Json& reference() {
  static const Json json =
      parse_json(read_file(fs::path(STEELSIGHT_TEST_DATA_DIR) / "preprocessing.json"), "reference");
  return json;
}

template <class Sample>
cv::Mat gray_from(const Json& rows) {
  cv::Mat_<Sample> image(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()));
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) image(y, x) = rows[y][x].get<Sample>();
  return image;
}

cv::Mat bgr_from(const Json& rows) {
  cv::Mat_<cv::Vec3b> image(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()));
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      for (int c = 0; c < 3; ++c) image(y, x)[2 - c] = rows[y][x][c].get<std::uint8_t>();
  return image;
}

// 255 and 65535 are both white: whatever is done to it, the one image is the other.
TEST(Preprocessing, AnImageIsTheSameInEightAndInSixteenBits) {
  cv::RNG random(1);
  for (const int channels : {1, 3}) {
    cv::Mat image(37, 41, CV_8UC(channels)), wide;
    random.fill(image, cv::RNG::UNIFORM, 0, 256);
    image.at<std::uint8_t>(0, 0) = 255;
    image.convertTo(wide, CV_16U, 257);
    for (Preprocessing p : {keras_vgg16(), torchvision_vgg16(), from_scratch(16), from_scratch(41)})
      for (const Interpolation way :
           {Interpolation::nearest, Interpolation::linear, Interpolation::cubic,
            Interpolation::area, Interpolation::lanczos})
        for (const int side : {5, 16, 100}) {
          p.interpolation = way;
          p.width = side;
          p.height = side == 16 ? 37 : side;
          EXPECT_EQ(planes_of(wide, p), planes_of(image, p)) << side;
        }
    Preprocessing as_is = from_scratch(41);
    as_is.height = 37;
    as_is.standardize = false;
    EXPECT_EQ(planes_of(wide, as_is), planes_of(image, as_is));
  }
}

TEST(Preprocessing, SixteenBitsAreKeptWhereTheyAreMoreThanEight) {
  Preprocessing p = from_scratch(2);
  p.height = 1;
  p.mean = {0};
  p.std = {1};
  p.standardize = false;
  const cv::Mat image = (cv::Mat_<std::uint16_t>(1, 2) << 257 * 7, 257 * 7 + 1);
  const std::vector<float> planes = planes_of(image, p);
  EXPECT_NEAR(planes[1] - planes[0], 1.0f / 65535, 1e-8f);
}

TEST(Preprocessing, AgreesWithKerasAndTorchvision) {
  Preprocessing keras = keras_vgg16(), torchvision = torchvision_vgg16();
  for (Preprocessing* p : {&keras, &torchvision}) {
    EXPECT_EQ(p->floats(), 224u * 224 * 3);
    p->width = 5;  // the size of the reference images
    p->height = 4;
  }
  const cv::Mat gray = gray_from<std::uint8_t>(reference()["gray"]);
  const cv::Mat colour = bgr_from(reference()["rgb"]);
  const auto expected = [](const char* key) { return reference()[key].get<std::vector<float>>(); };
  EXPECT_THAT(planes_of(colour, keras), Pointwise(FloatNear(2e-5f), expected("keras_rgb")));
  EXPECT_THAT(planes_of(gray, keras), Pointwise(FloatNear(2e-5f), expected("keras_gray")));
  EXPECT_THAT(planes_of(colour, torchvision),
              Pointwise(FloatNear(1e-6f), expected("torchvision_rgb")));
  EXPECT_THAT(planes_of(gray, torchvision),
              Pointwise(FloatNear(1e-6f), expected("torchvision_gray")));
}

// On 16 bits, where rounding is 1 in 65535.
TEST(Preprocessing, ResizesByTheNamedInterpolation) {
  const cv::Mat wide = gray_from<std::uint16_t>(reference()["wide"]);
  Json description = to_json(from_scratch(1));
  for (const Json& row : reference()["resized"]) {
    for (const char* key : {"interpolation", "width", "height"}) description[key] = row[key];
    Preprocessing p = preprocessing_from_json(description);
    p.mean = {0};
    p.std = {1};
    p.maximum = 65535;
    p.standardize = false;
    EXPECT_THAT(planes_of(wide, p),
                Pointwise(FloatNear(1.0f), row["values"].get<std::vector<float>>()))
        << row["interpolation"] << " " << p.width << "x" << p.height;
  }
}

// No reference of their own: they keep a plane, and overshoot at an edge as linear doesn't.
TEST(Preprocessing, CubicAndLanczosSharpen) {
  const cv::Mat flat(9, 9, CV_8UC1, cv::Scalar(77));
  cv::Mat edge(9, 9, CV_8UC1, cv::Scalar(100));
  edge.colRange(5, 9).setTo(150);
  for (const Interpolation interpolation : {Interpolation::cubic, Interpolation::lanczos}) {
    Preprocessing p{.width = 18, .height = 18, .interpolation = interpolation, .maximum = 255};
    EXPECT_THAT(planes_of(flat, p), testing::Each(77.0f));
    const std::vector<float> planes = planes_of(edge, p);
    EXPECT_GT(*std::max_element(planes.begin(), planes.end()), 151.0f);
    EXPECT_LT(*std::min_element(planes.begin(), planes.end()), 99.0f);
  }
}

TEST(Preprocessing, WhiteIsWhiteInEveryDepth) {
  const Preprocessing p{.width = 1, .height = 1, .maximum = 1};
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3}) {
    const double white = CV_MAT_DEPTH(type) == CV_8U ? 255 : 65535;
    EXPECT_NEAR(planes_of(cv::Mat(1, 1, type, cv::Scalar::all(white)), p)[0], 1, 1e-6) << type;
    EXPECT_EQ(planes_of(cv::Mat(1, 1, type, cv::Scalar::all(0)), p)[0], 0) << type;
  }
  const Preprocessing bytes{.width = 1, .height = 1, .maximum = 255};
  EXPECT_FLOAT_EQ(planes_of(cv::Mat(1, 1, CV_16UC1, cv::Scalar(257 * 3)), bytes)[0], 3);
}

TEST(Preprocessing, WeighsColoursByBt601) {
  const Preprocessing p{.width = 1, .height = 1, .maximum = 255, .mean = {10}, .std = {2}};
  const cv::Mat bgr(1, 1, CV_8UC3, cv::Scalar(10, 100, 200));
  EXPECT_NEAR(planes_of(bgr, p)[0], (0.114 * 10 + 0.587 * 100 + 0.299 * 200 - 10) / 2, 1e-4);
}

TEST(Preprocessing, PutsChannelsInOrder) {
  const cv::Mat bgr(1, 1, CV_16UC3, cv::Scalar(257, 514, 771));
  Preprocessing p{.width = 1,
                  .height = 1,
                  .channel_order = ChannelOrder::rgb,
                  .maximum = 255,
                  .mean = {0, 0, 0},
                  .std = {1, 1, 1}};
  EXPECT_THAT(planes_of(bgr, p), Pointwise(FloatNear(1e-5f), {3.0f, 2.0f, 1.0f}));
  p.channel_order = ChannelOrder::bgr;
  EXPECT_THAT(planes_of(bgr, p), Pointwise(FloatNear(1e-5f), {1.0f, 2.0f, 3.0f}));
}

TEST(Preprocessing, RefusesOtherImages) {
  std::vector<float> planes(from_scratch(4).floats());
  for (const cv::Mat& image :
       {cv::Mat(), cv::Mat(4, 4, CV_32FC1), cv::Mat(4, 4, CV_8UC4), cv::Mat(4, 4, CV_8UC2)})
    EXPECT_THROW(to_planes(image, from_scratch(4), planes.data()), std::invalid_argument);
}

TEST(Preprocessing, SurvivesJson) {
  Preprocessing odd = from_scratch(100);
  odd.height = 7;
  odd.interpolation = Interpolation::lanczos;
  odd.mean = {1.0 / 3};
  for (const Preprocessing& p : {keras_vgg16(), torchvision_vgg16(), from_scratch(64), odd}) {
    const std::string text = to_json(p).dump();
    EXPECT_EQ(preprocessing_from_json(parse_json(text, "test")), p) << text;
  }
}

TEST(Preprocessing, IsStrictAboutJson) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"width": 0})", "/model/preprocessing/width is 0, expected 1 to 4096"},
      {R"({"width": 4097})", "/width is 4097"},
      {R"({"height": -3})", "/height is -3"},
      {R"({"height": 1.5})", "/height is 1.5, expected a whole number"},
      {R"({"interpolation": "bilinear"})",
       R"(/interpolation is "bilinear", expected one of nearest, linear, cubic, area, lanczos)"},
      {R"({"channel_order": "RGB"})", R"(/channel_order is "RGB", expected one of gray, rgb, bgr)"},
      {R"({"channel_order": "rgb"})", "/mean is 1 numbers, expected 3"},
      {R"({"maximum": 0})", "/maximum is 0"},
      {R"({"mean": [0, 0]})", "/mean is 2 numbers, expected 1, one for each channel"},
      {R"({"std": []})", "/std is 0 numbers, expected 1"},
      {R"({"std": [0]})", "/std is 0.000000, expected numbers above 0"},
      {R"({"std": [-1]})", "/std is -1"},
      {R"({"scale": 1})", "/model/preprocessing/scale is not known"},
  };
  for (const auto& [change, message] : table) {
    Json json = to_json(from_scratch(64));
    json.update(parse_json(change, "test"));
    EXPECT_THAT([&] { preprocessing_from_json(json, "/model/preprocessing"); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
  }
  const Json whole = to_json(from_scratch(64));
  for (const auto& item : whole.items()) {
    Json json = whole;
    json.erase(item.key());
    EXPECT_THAT([&] { preprocessing_from_json(json); },
                ThrowsMessage<ConfigError>(HasSubstr("/" + item.key() + " is missing")));
  }
}

// By hand: the image's own mean and deviation, and 0.1 against blank images.
TEST(Preprocessing, StandardizesEachImageByItself) {
  Preprocessing p{
      .width = 2, .height = 2, .channel_order = ChannelOrder::gray, .standardize = true};
  const cv::Mat image = (cv::Mat_<std::uint8_t>(2, 2) << 0, 51, 102, 255);
  // In 0..1: 0, 0.2, 0.4, 1; mean 0.4, deviation sqrt(0.56 / 4).
  const double scale = 1 / (std::sqrt(0.14) + 0.1);
  std::vector<float> expected;
  for (const double value : {-0.4, -0.2, 0.0, 0.6})
    expected.push_back(static_cast<float>(value * scale));
  EXPECT_THAT(planes_of(image, p), Pointwise(FloatNear(1e-6f), expected));
  const cv::Mat blank(2, 2, CV_8UC1, cv::Scalar(77));
  EXPECT_THAT(planes_of(blank, p), Pointwise(FloatNear(1e-6f), std::vector<float>{0, 0, 0, 0}));
}

TEST(Preprocessing, RefusesNumbersThatJsonCantHold) {
  Preprocessing p = from_scratch(64);
  EXPECT_NO_THROW(validate(p));
  p.std = {std::numeric_limits<double>::quiet_NaN()};
  EXPECT_THROW(validate(p), ConfigError);
  p = from_scratch(64);
  p.mean = {std::numeric_limits<double>::infinity()};
  EXPECT_THROW(validate(p), ConfigError);
  EXPECT_THROW(validate(from_scratch(0)), ConfigError);
}

}  // namespace
}  // namespace steelsight::preprocessing_test
