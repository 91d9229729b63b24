#include "evaluation/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/evaluation/calibration_reference.hpp"

namespace steelsight::calibration_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Temperature, AgreesWithPyTorchsLossAndSciPysMinimum) {
  for (const Json& item : calibration_reference("temperatures")) {
    const auto logits = item.at("logits").get<std::vector<float>>();
    const auto labels = item.at("labels").get<std::vector<int>>();
    const double expected = item.at("temperature");
    const double got = fit_temperature(logits, labels);
    EXPECT_NEAR(got, expected, 1e-5 * expected);  // a minimum is known to half of the digits

    const std::size_t classes = item.at("classes");
    std::vector<Judged> judged;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto row = calibrated(std::span(logits).subspan(i * classes, classes), got);
      const auto best = std::ranges::max_element(row);
      judged.push_back({*best, best - row.begin() == labels[i]});
      for (std::size_t k = 0; i * classes + k < item.at("probabilities").size() && k < classes; ++k)
        EXPECT_NEAR(row[k], item.at("probabilities")[i * classes + k].get<double>(), 1e-5);
    }
    EXPECT_NEAR(expected_calibration_error(judged), item.at("ece"), 1e-5);
  }
}

// Every image is right by the same margin m: the loss is least where softmax(m / T) is the smoothed
// target, 1 - 1/(n+1) * (K-1)/K.
TEST(Temperature, OfSeparableImagesIsThatOfOneDoubtfulImageMore) {
  for (const std::size_t n : {1u, 12u, 1000u}) {
    std::vector<float> logits;
    std::vector<int> labels;
    for (std::size_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<int>(i % 2));
      for (const int k : {0, 1}) logits.push_back(k == labels.back() ? 40.0f : 0.0f);
    }
    const double target = 1 - 0.5 / (static_cast<double>(n) + 1);
    const double expected = 40 / std::log(target / (1 - target));
    EXPECT_NEAR(fit_temperature(logits, labels), expected, 1e-9 * expected) << n;
  }
}

TEST(Temperature, StaysInItsBounds) {
  const std::vector<int> labels{0, 0, 1};
  EXPECT_EQ(fit_temperature({}, {}), 1);
  EXPECT_EQ(fit_temperature(std::vector<float>(6, 3.0f), labels), 1);  // the same for every T
  const std::vector<float> always_wrong{0, 50, 0, 50, 50, 0};
  EXPECT_NEAR(fit_temperature(always_wrong, labels), 100, 1e-9);
  const std::vector<float> timid{1e-6f, 0, 1e-6f, 0, 0, 1e-6f};
  EXPECT_NEAR(fit_temperature(timid, labels), 0.01, 1e-12);
}

TEST(Temperature, RefusesWhatDoesNotFit) {
  EXPECT_THROW(fit_temperature(std::vector<float>{1, 2, 3}, std::vector<int>{0, 1}),
               std::invalid_argument);
  EXPECT_THROW(fit_temperature({}, std::vector<int>{0}), std::invalid_argument);
  EXPECT_THROW(fit_temperature(std::vector<float>{1, 2}, std::vector<int>{2}),
               std::invalid_argument);
  EXPECT_THROW(fit_temperature(std::vector<float>{1, 2}, std::vector<int>{-1}),
               std::invalid_argument);
  EXPECT_THROW(fit_temperature(std::vector<float>{1, INFINITY}, std::vector<int>{0}),
               std::invalid_argument);
}

TEST(Calibrate, JudgesWithTheTemperatureThatFits) {
  const Validated validated{
      .logits = {3, 0, 0, 2, 5, 0, 0, 1}, .labels = {0, 1, 0, 0}, .distances = {0.5f, 0.25f}};
  const Calibration calibration = calibrate(validated);
  EXPECT_EQ(calibration.temperature, fit_temperature(validated.logits, validated.labels));
  ASSERT_EQ(calibration.judged.size(), 4u);
  EXPECT_EQ(calibration.judged[0].confidence,
            calibrated(std::vector<float>{5, 0}, calibration.temperature)[0]);
  EXPECT_EQ(std::ranges::count(calibration.judged, false, &Judged::correct), 1);
  EXPECT_FALSE(calibration.judged[3].correct);  // the least confident: 0 against 1
  EXPECT_EQ(calibration.ece_after, expected_calibration_error(calibration.judged));
  EXPECT_EQ(calibration.distances, (std::vector<float>{0.25f, 0.5f}));
  EXPECT_THROW(calibrate({}), std::invalid_argument);
}

TEST(CalibrationError, AgreesWithNumPy) {
  for (const Json& item : calibration_reference("errors"))
    EXPECT_NEAR(expected_calibration_error(judged_images(item)), item.at("ece"), 1e-6);
}

TEST(CalibrationError, OfHandMadeBins) {
  EXPECT_EQ(expected_calibration_error({}), 0);
  EXPECT_EQ(expected_calibration_error(std::vector<Judged>{{1, true}, {0, false}}), 0);
  // Two bins: |0.5 - 0.75| of two images, |0 - 1/3| of one; 1/3 is the last of the fifth bin.
  const std::vector<Judged> images{{0.75f, true}, {0.75f, false}, {0.333333f, false}};
  EXPECT_NEAR(expected_calibration_error(images), (2 * 0.25 + 1.0 / 3) / 3, 1e-6);
}

Calibration example() {
  return {.temperature = 1.25,
          .ece_before = 0.02,
          .ece_after = 0.01,
          .judged = {{0.9f, true}, {0.8f, false}, {0.7f, true}},
          .distances = {0.1f, 1.0f / 3}};
}

TEST(CalibrationJson, GoesRound) {
  const Calibration before = example();
  const Json json = Json::parse(to_json(before).dump());
  EXPECT_THAT(json.dump(), HasSubstr(R"("right":[0.9,0.7],"wrong":[0.8])"));
  const Calibration after = *calibration_from_json(json);
  EXPECT_EQ(after.temperature, before.temperature);
  EXPECT_EQ(after.ece_before, before.ece_before);
  EXPECT_EQ(after.ece_after, before.ece_after);
  EXPECT_EQ(after.judged, before.judged);
  EXPECT_EQ(after.distances, before.distances);
  EXPECT_FALSE(calibration_from_json(Json::object()));
}

TEST(CalibrationJson, IsReadStrictly) {
  const auto refuses = [](const char* key, const Json& value, const char* message) {
    Json json = to_json(example());
    json[key] = value;
    EXPECT_THAT([&] { calibration_from_json(json); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
  };
  refuses("temperature", 0, "/calibration/temperature is 0, expected 0.01 to 100");
  refuses("temperature", "warm", "/calibration/temperature");
  refuses("ece_after", 1.5, "/calibration/ece_after");
  refuses("right", Json::array({1.5}), "/calibration/right");
  refuses("wrong", 1, "/calibration/wrong");
  refuses("distances", Json::array({"far"}), "/calibration/distances/0");
  refuses("more", 1, "/calibration/more is not known");
}

}  // namespace
}  // namespace steelsight::calibration_test
