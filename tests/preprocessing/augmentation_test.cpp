#include "preprocessing/augmentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "tests/preprocessing/image_files.hpp"

namespace steelsight::augmentation_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

cv::Mat letter() {
  return (cv::Mat_<std::uint8_t>(3, 3) << 1, 2, 3, 4, 5, 6, 7, 8, 9);
}

// All changes off but those that `change` switches on.
template <class Function>
Augmentation only(Function change) {
  Augmentation a = Augmentation::none();
  change(a);
  return a;
}

TEST(Augmentation, NoneLeavesTheImageAlone) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3}) {
    const cv::Mat image = test_image(31, 17, type);
    EXPECT_TRUE(same(augment(image, Augmentation::none(), Random(1)), image)) << type;
  }
}

TEST(Augmentation, IsAPureFunctionOfItsArguments) {
  const cv::Mat image = test_image(40, 40, CV_8UC1), original = image.clone();
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    EXPECT_TRUE(same(augment(image, {}, Random(seed)), augment(image, {}, Random(seed))));
  EXPECT_TRUE(same(image, original));
  EXPECT_FALSE(same(augment(image, {}, Random(1)), augment(image, {}, Random(2))));
}

TEST(Augmentation, KeepsSizeAndType) {
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_16UC3})
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 9), cv::Size(8, 3), cv::Size(32, 32)})
      for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const cv::Mat result = augment(test_image(size.width, size.height, type), {}, Random(seed));
        EXPECT_EQ(result.size(), size);
        EXPECT_EQ(result.type(), type);
      }
}

TEST(Augmentation, ReachesAllEightSymmetriesEvenly) {
  const Augmentation a = only([](Augmentation& on) {
    on.flip_probability = 0.5;
    on.turn_probability = 0.5;
  });
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    std::string pixels;
    const cv::Mat result = augment(letter(), a, Random(seed));
    for (int i = 0; i < 9; ++i) pixels += static_cast<char>('0' + result.data[i]);
    ++seen[pixels];
  }
  EXPECT_EQ(seen.size(), 8u);
  EXPECT_TRUE(seen.contains("741852963"));                               // a quarter turn clockwise
  EXPECT_TRUE(seen.contains("147258369"));                               // the transpose
  for (const auto& [pixels, count] : seen) EXPECT_NEAR(count, 100, 40);  // 4 deviations
}

TEST(Augmentation, TurnsOnlySquares) {
  const Augmentation a = only([](Augmentation& on) { on.turn_probability = 1; });
  const cv::Mat image = test_image(6, 4, CV_8UC1);
  EXPECT_TRUE(same(augment(image, a, Random(1)), image));
}

// By whole pixels, with the reflection from outside.
TEST(Augmentation, ShiftsAndReflects) {
  const Augmentation a = only([](Augmentation& on) {
    on.move_probability = 1;
    on.max_shift = 0.2;
  });
  const cv::Mat row = (cv::Mat_<std::uint8_t>(1, 10) << 0, 10, 20, 30, 40, 50, 60, 70, 80, 90);
  std::set<int> shifts;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Mat result = augment(row, a, Random(seed));
    const int shift = 5 - result.at<std::uint8_t>(0, 5) / 10;
    shifts.insert(shift);
    for (int x = 0; x < 10; ++x) {
      int from = std::abs(x - shift);
      if (from > 9) from = 18 - from;
      ASSERT_EQ(result.at<std::uint8_t>(0, x), 10 * from) << "shift " << shift << ", x " << x;
    }
  }
  EXPECT_EQ(shifts, (std::set<int>{-2, -1, 0, 1, 2}));
}

TEST(Augmentation, ZoomsAboutTheCentre) {
  const Augmentation a = only([](Augmentation& on) {
    on.move_probability = 1;
    on.max_zoom = 1;
  });
  cv::Mat ramp(1, 101, CV_16UC1);
  for (int x = 0; x < 101; ++x) ramp.at<std::uint16_t>(0, x) = static_cast<std::uint16_t>(500 * x);
  double least = 10, most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Mat result = augment(ramp, a, Random(seed));
    EXPECT_NEAR(result.at<std::uint16_t>(0, 50), 25000, 20);
    const double zoom =
        10000.0 / (result.at<std::uint16_t>(0, 60) - result.at<std::uint16_t>(0, 40));
    least = std::min(least, zoom);
    most = std::max(most, zoom);
  }
  EXPECT_NEAR(least, 0.5, 0.03);
  EXPECT_NEAR(most, 2.0, 0.1);
}

TEST(Augmentation, BrightensWithinItsBound) {
  const Augmentation a = only([](Augmentation& on) {
    on.tone_probability = 1;
    on.max_brightness = 0.2;
  });
  int least = 255, most = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat result = augment(cv::Mat(2, 2, CV_8UC1, cv::Scalar(100)), a, Random(seed));
    least = std::min<int>(least, result.at<std::uint8_t>(0, 0));
    most = std::max<int>(most, result.at<std::uint8_t>(0, 0));
  }
  EXPECT_NEAR(least, 100 - 51, 2);
  EXPECT_NEAR(most, 100 + 51, 2);
}

TEST(Augmentation, ContrastKeepsTheMean) {
  const Augmentation a = only([](Augmentation& on) {
    on.tone_probability = 1;
    on.max_contrast = 1;
  });
  const cv::Mat image = (cv::Mat_<std::uint16_t>(1, 2) << 30000, 34000);
  int least = 65535, most = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat result = augment(image, a, Random(seed));
    EXPECT_NEAR(cv::mean(result)[0], 32000, 2);
    const int range = result.at<std::uint16_t>(0, 1) - result.at<std::uint16_t>(0, 0);
    least = std::min(least, range);
    most = std::max(most, range);
  }
  EXPECT_NEAR(least, 2000, 60);
  EXPECT_NEAR(most, 8000, 240);
}

TEST(Augmentation, LightSlopesAcrossTheImage) {
  const Augmentation a = only([](Augmentation& on) {
    on.light_probability = 1;
    on.max_light = 0.5;
  });
  const cv::Mat image(21, 21, CV_16UC1, cv::Scalar(20000));
  double steepest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Mat result = augment(image, a, Random(seed));
    const auto at = [&](int y, int x) { return double(result.at<std::uint16_t>(y, x)); };
    EXPECT_NEAR(at(10, 10), 20000, 1);
    EXPECT_NEAR(at(0, 0) + at(20, 20), 40000, 2);  // a plane
    EXPECT_NEAR(at(0, 20) + at(20, 0), 40000, 2);
    EXPECT_NEAR(at(10, 0) + at(10, 20), 40000, 2);
    double least = 0, most = 0;
    cv::minMaxLoc(result, &least, &most);
    EXPECT_GE(least, 9999);
    EXPECT_LE(most, 30001);
    steepest = std::max(steepest, most);
  }
  EXPECT_GT(steepest, 29000);
}

TEST(Augmentation, NoiseHasItsDeviation) {
  const Augmentation a = only([](Augmentation& on) {
    on.noise_probability = 1;
    on.max_noise = 0.05;
  });
  const cv::Mat image(100, 100, CV_16UC3, cv::Scalar::all(30000));
  double most = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const cv::Mat result = augment(image, a, Random(seed));
    cv::Scalar mean, deviation;
    cv::meanStdDev(result, mean, deviation);
    EXPECT_NEAR(mean[0], 30000, 5 * deviation[0] / 100 + 1);
    EXPECT_EQ(deviation[0], deviation[2]);
    most = std::max(most, deviation[0] / 65535);
  }
  EXPECT_LT(most, 0.052);
  EXPECT_GT(most, 0.047);
}

TEST(Augmentation, BlurSpreadsAPoint) {
  const Augmentation a = only([](Augmentation& on) {
    on.blur_probability = 1;
    on.max_blur = 2;
  });
  cv::Mat point(21, 21, CV_16UC1, cv::Scalar(0));
  point.at<std::uint16_t>(10, 10) = 60000;
  int spread = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const cv::Mat result = augment(point, a, Random(seed));
    EXPECT_NEAR(cv::sum(result)[0], 60000, 150);
    spread += result.at<std::uint16_t>(10, 11) > 1000;
  }
  EXPECT_GT(spread, 25);
}

TEST(Augmentation, HappensAsOftenAsItsProbability) {
  const Augmentation a = only([](Augmentation& on) {
    on.noise_probability = 0.3;
    on.max_noise = 1;
  });
  const cv::Mat image(8, 8, CV_8UC1, cv::Scalar(128));
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    changed += !same(augment(image, a, Random(seed)), image);
  EXPECT_NEAR(changed, 300, 60);  // 4 deviations
}

TEST(Augmentation, RefusesOtherImages) {
  EXPECT_THROW(augment(cv::Mat(), {}, Random(1)), std::invalid_argument);
  EXPECT_THROW(augment(cv::Mat(4, 4, CV_32FC1, cv::Scalar(0)), {}, Random(1)),
               std::invalid_argument);
}

TEST(Augmentation, SurvivesJson) {
  Augmentation odd;
  odd.max_noise = 1.0 / 3;
  odd.flip_probability = 1;
  for (const Augmentation& a : {Augmentation(), Augmentation::none(), odd}) {
    EXPECT_NO_THROW(validate(a));
    EXPECT_EQ(augmentation_from_json(parse_json(to_json(a).dump(), "test")), a);
  }
  EXPECT_EQ(augmentation_from_json(Json::object()), Augmentation());
}

TEST(Augmentation, IsStrictAboutJson) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"flip_probability": 1.5})",
       "/train/augmentation/flip_probability is 1.5, expected 0 to 1.0"},
      {R"({"noise_probability": -0.1})", "/noise_probability is -0.1"},
      {R"({"max_shift": 0.6})", "/max_shift is 0.6, expected 0 to 0.5"},
      {R"({"max_blur": "2"})", "/max_blur is \"2\", expected a number"},
      {R"({"rotation": 5})", "/train/augmentation/rotation is not known"},
  };
  for (const auto& [text, message] : table)
    EXPECT_THAT(
        [&text = text] { augmentation_from_json(parse_json(text, "test"), "/train/augmentation"); },
        ThrowsMessage<ConfigError>(HasSubstr(message)));
  const Json known = to_json(Augmentation());
  for (const auto& item : known.items()) {
    const Json negative = {{item.key(), -1}};
    EXPECT_THROW(augmentation_from_json(negative), ConfigError) << item.key();
  }
}

// A smooth image, so that it can be compared at two sizes.
cv::Mat waves(int size) {
  cv::Mat image(size, size, CV_8U);
  image.forEach<std::uint8_t>([&](std::uint8_t& value, const int* at) {
    const double y = (at[0] + 0.5) / size, x = (at[1] + 0.5) / size;
    value = cv::saturate_cast<std::uint8_t>(128 + 60 * std::sin(7 * x + 3 * y) + 50 * y * x);
  });
  return image;
}

// What a student and its teacher see of one image, at the input size of each: places agree within
// half a pixel of the smaller.
TEST(Augmentation, IsTheSameAtTwoSizes) {
  Augmentation a;
  a.turn_probability = 0.5;
  a.max_zoom = 0.3;
  a.max_shift = 0.1;
  const auto seen = [&](int size, std::uint64_t seed) {
    cv::Mat result = augment(waves(size), a.geometry(), Random(seed)), small;
    cv::resize(result, small, {56, 56}, 0, 0, cv::INTER_AREA);
    return small;
  };
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_LT(cv::norm(seen(112, seed), seen(224, seed), cv::NORM_L1) / (56 * 56), 2.5) << seed;
    EXPECT_LT(cv::norm(seen(112, seed), seen(128, seed), cv::NORM_L1) / (56 * 56), 2.5) << seed;
  }
  EXPECT_GT(cv::norm(seen(112, 1), seen(224, 2), cv::NORM_L1) / (56 * 56), 10);
}

TEST(Augmentation, ConsistsOfGeometryAndAppearance) {
  const Augmentation a, geometry = a.geometry(), appearance = a.appearance();
  EXPECT_EQ(geometry.move_probability, a.move_probability);
  EXPECT_EQ(geometry.noise_probability, 0);
  EXPECT_EQ(appearance.noise_probability, a.noise_probability);
  EXPECT_EQ(geometry.appearance(), appearance.geometry());  // nothing happens in either
  const cv::Mat image = test_image(16, 16, CV_8UC1);
  EXPECT_TRUE(same(augment(image, geometry.appearance(), Random(1)), image));
}

}  // namespace
}  // namespace steelsight::augmentation_test
