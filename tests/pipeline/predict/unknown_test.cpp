#include "pipeline/predict/unknown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelsight::unknown_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// Validated on 20 images: confidences 0.99, 0.98 ..., the last two wrong; distances 0.01, 0.02, ...
Model example() {
  Calibration calibration;
  for (int i = 0; i < 20; ++i) {
    calibration.judged.push_back({0.99f - 0.01f * static_cast<float>(i), i < 18});
    calibration.distances.push_back(0.01f * static_cast<float>(i + 1));
  }
  Model model;
  model.class_names = {"a", "b"};
  model.calibration = to_json(calibration);
  model.memory = {.layers = {"pool"}, .dimension = 1};
  model.memory.add(std::vector<float>{1}, 0);
  return model;
}

Classification classified(float confidence, std::optional<float> distance) {
  return {.probabilities = {confidence, 1 - confidence}, .distance = distance};
}

TEST(UnknownRule, KnowsEverythingIfNothingIsAsked) {
  const UnknownRule rule = make_unknown_rule(example(), {});
  EXPECT_FALSE(UnknownConfig{}.asked());
  EXPECT_THAT(rule.notes, IsEmpty());
  EXPECT_FALSE(rule.calls_unknown(classified(0.5f, 2.0f)));
}

TEST(UnknownRule, OfDistances) {
  const UnknownRule rule = make_unknown_rule(example(), {.false_alarms = 0.1});
  EXPECT_EQ(rule.largest_distance, 0.01f * 19);  // ceil(21 * 0.9) = 19
  EXPECT_FALSE(rule.calls_unknown(classified(0.5f, 0.01f * 19)));
  EXPECT_TRUE(rule.calls_unknown(classified(1, 0.1901f)));
  EXPECT_FALSE(rule.calls_unknown({.error = "unreadable"}));
  EXPECT_THAT(rule.notes, ElementsAre(HasSubstr("at most 10.0 % of images of the known classes")));
}

TEST(UnknownRule, OfConfidences) {
  const UnknownRule rule = make_unknown_rule(example(), {.max_error = 0});
  EXPECT_FLOAT_EQ(rule.least_confidence, 0.82f);
  EXPECT_TRUE(rule.calls_unknown(classified(0.81f, std::nullopt)));
  EXPECT_FALSE(rule.calls_unknown(classified(0.83f, 2.0f)));
  EXPECT_THAT(rule.notes, ElementsAre(HasSubstr("90.0 % of the validation images, 0 of these 18")));
}

TEST(UnknownRule, SaysWhatItCanNotPromise) {
  const UnknownRule few = make_unknown_rule(example(), {.false_alarms = 0.04});
  EXPECT_FALSE(few.calls_unknown(classified(1, 2.0f)));
  EXPECT_THAT(few.notes, ElementsAre(HasSubstr("20 images of validation can promise 4.8 %")));

  Model model = example();
  model.memory = {};
  EXPECT_THAT(make_unknown_rule(model, {.false_alarms = 0.1}).notes,
              ElementsAre(HasSubstr("no memory")));

  model = example();
  model.calibration = Json::object();
  EXPECT_THAT(make_unknown_rule(model, {.false_alarms = 0.1}).notes,
              ElementsAre(HasSubstr("0 images of validation")));
  EXPECT_THAT([&] { make_unknown_rule(model, {.max_error = 0.1}); },
              ThrowsMessage<ConfigError>(HasSubstr("needs validation images")));
}

TEST(UnknownRule, RefusesAnErrorThatNoConfidenceReaches) {
  Model model = example();
  model.calibration["right"] = Json::array({0.9, 0.8, 0.7});
  model.calibration["wrong"] = Json::array({0.9});
  EXPECT_THAT([&] { make_unknown_rule(model, {.max_error = 0.2}); },
              ThrowsMessage<ConfigError>(HasSubstr("wrong at a rate of 25.00 %")));
}

TEST(UnknownConfig, IsReadStrictly) {
  const auto read = [](const Json& json) {
    return unknown_fields().read(json, "/classify", {.max_error = 1, .false_alarms = 0.05});
  };
  EXPECT_EQ(read(Json::object()).false_alarms, 0.05);
  EXPECT_EQ(read(Json{{"max_error", 0.01}}).max_error, 0.01);
  for (const Json& bad : {Json{{"max_error", -0.1}}, Json{{"max_error", 1.5}},
                          Json{{"false_alarms", 1}}, Json{{"false_alarms", -1}}})
    EXPECT_THROW(read(bad), ConfigError) << bad;
}

}  // namespace
}  // namespace steelsight::unknown_test
