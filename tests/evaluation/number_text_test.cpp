#include "evaluation/number_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace steelsight::number_text_test {
namespace {

TEST(NumberText, IsTheShortestThatReadsBackTheSame) {
  EXPECT_EQ(number_text(0.1f), "0.1");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(1.0f / 3), "0.33333334");
  EXPECT_EQ(number_text(1), "1");
  for (float value : {0.1f, 1.0f / 3, 1e-30f, std::numeric_limits<float>::denorm_min(), 1.0f})
    EXPECT_EQ(parse_number<float>(number_text(value)), value);
  for (double value : {0.1, 1.0 / 3, 1e-300, -2.5, std::numeric_limits<double>::max()})
    EXPECT_EQ(parse_number<double>(number_text(value)), value);
}

TEST(NumberText, ParsesOnlyWholeNumbersOfText) {
  EXPECT_EQ(parse_number<int>("12"), 12);
  EXPECT_EQ(parse_number<double>("1e-3"), 1e-3);
  for (const char* bad : {"", " 1", "1 ", "1,5", "0x10", "one", "1.5.2", "+1", "1e999"})
    EXPECT_EQ(parse_number<double>(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_number<int>("1.5"), std::nullopt);
  EXPECT_EQ(parse_number<int>("99999999999"), std::nullopt);
}

TEST(RoundedToDigits, CountsSignificantOnes) {
  EXPECT_EQ(rounded_to_digits(0.0012345, 3), 0.00123);
  EXPECT_EQ(rounded_to_digits(-98765, 1), -100000);
  EXPECT_EQ(rounded_to_digits(0.30000000000000004, 2), 0.3);
  EXPECT_EQ(rounded_to_digits(0, 2), 0);
}

TEST(SettingTexts, HaveOneStyle) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(setting_texts({0.5, 0.25, 0}), (Texts{"0.5", "0.25", "0"}));
  EXPECT_EQ(setting_texts({0.001, 0.01, 0.25, 0}), (Texts{"1e-3", "1e-2", "2.5e-1", "0"}));
  EXPECT_EQ(setting_texts({8, 16, 1e5}), (Texts{"8e0", "1.6e1", "1e5"}));
  EXPECT_EQ(setting_texts({8, 16}), (Texts{"8", "16"}));
  EXPECT_EQ(setting_texts({0.123456}), (Texts{"0.1235"}));
}

TEST(PercentText, RoundsToTheDecimalsAskedFor) {
  EXPECT_EQ(percent_text(0.98765), "98.8 %");
  EXPECT_EQ(percent_text(1), "100.0 %");
  EXPECT_EQ(percent_text(0, 0), "0 %");
  EXPECT_EQ(percent_text(1.0 / 3, 2), "33.33 %");
}

}  // namespace
}  // namespace steelsight::number_text_test
