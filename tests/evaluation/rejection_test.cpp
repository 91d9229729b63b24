#include "evaluation/rejection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/evaluation/calibration_reference.hpp"

namespace steelsight::rejection_test {
namespace {

TEST(Rejection, AgreesWithTryingEveryThreshold) {
  for (const Json& item : calibration_reference("rejections")) {
    const std::vector<Judged> images = judged_images(item);
    for (std::size_t r = 0; r < item.at("rates").size(); ++r) {
      const auto got = accept_up_to_error(images, item.at("rates")[r]);
      const Json& expected = item.at("accepted")[r];
      ASSERT_EQ(got.has_value(), !expected.is_null());
      if (!got) continue;
      EXPECT_EQ(got->threshold, expected.at("threshold").get<float>());
      EXPECT_EQ(got->accepted, expected.at("accepted").get<std::size_t>());
      EXPECT_EQ(got->wrong, expected.at("wrong").get<std::size_t>());
      EXPECT_EQ(got->images, images.size());
      const auto taken = [&](const Judged& image) { return image.confidence >= got->threshold; };
      EXPECT_EQ(std::ranges::count_if(images, taken), static_cast<long>(got->accepted));
    }
  }
}

TEST(Rejection, TheErrorMayRiseAndFallOnTheWayDown) {
  const std::vector<Judged> images{
      {0.9f, true}, {0.8f, false}, {0.7f, true}, {0.6f, true}, {0.5f, false}};
  const auto accepted = accept_up_to_error(images, 0.25);
  EXPECT_EQ(accepted->threshold, 0.6f);
  EXPECT_EQ(accepted->accepted, 4u);
  EXPECT_DOUBLE_EQ(accepted->coverage(), 0.8);
  EXPECT_DOUBLE_EQ(accepted->error(), 0.25);
  EXPECT_EQ(accept_up_to_error(images, 0.1)->threshold, 0.9f);
  EXPECT_EQ(accept_up_to_error(images, 0.4)->threshold, 0);
}

TEST(Rejection, EqualConfidencesStandOrFallTogether) {
  const std::vector<Judged> images{{0.9f, true}, {0.9f, false}, {0.5f, true}};
  EXPECT_FALSE(accept_up_to_error(images, 0.1));
  EXPECT_EQ(accept_up_to_error(images, 0.4)->accepted, 3u);
  EXPECT_EQ(least_error(images)->accepted, 3u);
}

TEST(Rejection, SaysWhatCanBeReached) {
  EXPECT_FALSE(accept_up_to_error({}, 0.5));
  EXPECT_FALSE(least_error({}));
  const std::vector<Judged> wrong{{0.9f, false}, {0.5f, false}};
  EXPECT_FALSE(accept_up_to_error(wrong, 0.99));
  EXPECT_EQ(accept_up_to_error(wrong, 1)->accepted, 2u);
  EXPECT_EQ(least_error(wrong)->error(), 1);
  const std::vector<Judged> mixed{{0.9f, false}, {0.8f, true}, {0.7f, true}, {0.6f, false}};
  EXPECT_EQ(least_error(mixed)->accepted, 3u);
}

TEST(Rejection, RefusesRatesThatAreNone) {
  for (const double rate : {-0.1, 1.1})
    EXPECT_THROW(accept_up_to_error({}, rate), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::rejection_test
