#include "models/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace steelsight::schedule_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr RunLength kRun{.steps_per_epoch = 5, .epochs = 8};

TEST(Schedule, WarmsUpLinearly) {
  const Schedule schedule({.learning_rate = 0.8, .warmup_steps = 4}, kRun);
  const double expected[] = {0.2, 0.4, 0.6, 0.8, 0.8, 0.8};
  for (std::int64_t step = 0; step < 6; ++step)
    EXPECT_DOUBLE_EQ(schedule.learning_rate(step), expected[step]);
}

TEST(Schedule, StepsAtTheEndOfEpochs) {
  const Schedule schedule({.kind = ScheduleKind::step, .learning_rate = 1, .step_epochs = 2}, kRun);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(9), 1);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(10), 0.1);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(39), 1e-3);
}

TEST(Schedule, EndsWhereItShould) {
  const Schedule cosine(
      {.kind = ScheduleKind::cosine, .learning_rate = 1, .min_learning_rate = 0.25}, kRun);
  EXPECT_DOUBLE_EQ(cosine.learning_rate(0), 1);
  EXPECT_DOUBLE_EQ(cosine.learning_rate(20), 0.625);
  EXPECT_DOUBLE_EQ(cosine.learning_rate(40), 0.25);
  EXPECT_DOUBLE_EQ(cosine.learning_rate(4000), 0.25);

  const Schedule one_cycle({.kind = ScheduleKind::one_cycle, .learning_rate = 1, .pct_start = 0.25},
                           kRun);
  EXPECT_DOUBLE_EQ(one_cycle.learning_rate(0), 0.04);
  EXPECT_DOUBLE_EQ(one_cycle.learning_rate(9), 1);
  EXPECT_DOUBLE_EQ(one_cycle.learning_rate(39), 4e-6);
  EXPECT_DOUBLE_EQ(one_cycle.learning_rate(4000), 4e-6);
}

TEST(Schedule, IsFiniteInTheShortestRuns) {
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::step, ScheduleKind::cosine,
                                  ScheduleKind::one_cycle, ScheduleKind::plateau})
    for (std::int64_t epochs = 1; epochs < 12; ++epochs)
      for (const double pct_start : {0.01, 0.25, 0.5, 0.99}) {
        const Schedule schedule({.kind = kind, .learning_rate = 1, .pct_start = pct_start},
                                {.steps_per_epoch = 1, .epochs = epochs});
        for (std::int64_t step = 0; step < epochs; ++step) {
          EXPECT_GT(schedule.learning_rate(step), 0);
          EXPECT_LE(schedule.learning_rate(step), 1);
        }
      }
}

TEST(Schedule, OnlyPlateauListensToTheLoss) {
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::step, ScheduleKind::cosine,
                                  ScheduleKind::one_cycle}) {
    Schedule schedule({.kind = kind, .patience = 0}, kRun);
    const double before = schedule.learning_rate(7);
    for (int epoch = 0; epoch < 5; ++epoch) schedule.on_epoch(1);
    EXPECT_EQ(schedule.learning_rate(7), before);
    EXPECT_EQ(schedule.state(), Json::object());
    EXPECT_NO_THROW(schedule.restore(schedule.state(), ""));
  }
}

TEST(Plateau, CountsNaNAsBad) {
  Schedule schedule({.kind = ScheduleKind::plateau, .learning_rate = 1, .patience = 1}, kRun);
  schedule.on_epoch(std::nan(""));
  EXPECT_EQ(schedule.learning_rate(0), 1);
  schedule.on_epoch(std::nan(""));
  EXPECT_DOUBLE_EQ(schedule.learning_rate(0), 0.1);
}

TEST(Plateau, ResumesBitForBit) {
  const ScheduleConfig config{
      .kind = ScheduleKind::plateau, .learning_rate = 0.1, .factor = 0.7, .patience = 1};
  Schedule straight(config, kRun), resumed(config, kRun);
  const double losses[] = {1, 0.3, 0.31, 0.32, 1.0 / 3, 0.2999, 0.1, 0.1, 0.1, 0.1};
  for (const double loss : losses) {
    straight.on_epoch(loss);
    const std::string text = resumed.state().dump();
    resumed = Schedule(config, kRun);
    resumed.restore(parse_json(text, "test"), "");
    resumed.on_epoch(loss);
    EXPECT_EQ(straight.learning_rate(3), resumed.learning_rate(3));
    EXPECT_EQ(straight.state(), resumed.state());
  }
  EXPECT_LT(straight.learning_rate(3), 0.07);
}

TEST(Plateau, RefusesBrokenState) {
  Schedule schedule({.kind = ScheduleKind::plateau, .learning_rate = 0.1, .patience = 2}, kRun);
  schedule.on_epoch(3);
  const Json before = schedule.state();
  for (const char* text :
       {"{}", "[]", R"({"learning_rate": 0.1})", R"({"learning_rate": 0, "bad_epochs": 0})",
        R"({"learning_rate": 0.2, "bad_epochs": 0})", R"({"learning_rate": 0.1, "bad_epochs": -1})",
        R"({"learning_rate": 0.1, "bad_epochs": 3})",
        R"({"learning_rate": 0.1, "bad_epochs": 0, "best": "x"})",
        R"({"learning_rate": 0.1, "bad_epochs": 0, "worst": 1})"}) {
    EXPECT_THAT([&] { schedule.restore(parse_json(text, "test"), "/schedule"); },
                ThrowsMessage<ConfigError>(HasSubstr("/schedule")))
        << text;
    EXPECT_EQ(schedule.state(), before) << text;
  }
  Schedule constant({}, kRun);
  EXPECT_THROW(constant.restore(before, ""), ConfigError);
}

TEST(Schedule, RefusesWhatMakesNoSense) {
  EXPECT_THROW(Schedule({}, {.steps_per_epoch = 0, .epochs = 3}), std::invalid_argument);
  EXPECT_THROW(Schedule({}, {.steps_per_epoch = 3, .epochs = 0}), std::invalid_argument);
  EXPECT_THROW(Schedule({.learning_rate = -1}, kRun), ConfigError);
  EXPECT_THROW(Schedule({}, kRun).learning_rate(-1), std::out_of_range);
}

TEST(ScheduleConfig, GoesThroughJson) {
  const ScheduleConfig config{.kind = ScheduleKind::one_cycle,
                              .learning_rate = 2e-3,
                              .warmup_steps = 7,
                              .step_epochs = 3,
                              .factor = 0.3,
                              .min_learning_rate = 1e-5,
                              .pct_start = 0.1,
                              .div_factor = 7,
                              .final_div_factor = 8,
                              .patience = 4,
                              .threshold = 0.01};
  EXPECT_EQ(parse_schedule(parse_json(to_json(config).dump(), "test"), ""), config);
  EXPECT_EQ(parse_schedule(Json::object(), ""), ScheduleConfig{});
}

TEST(ScheduleConfig, RefusesWhatMakesNoSense) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"kind": "linear"})", "/s/kind is \"linear\", expected one of constant, step, cosine"},
      {R"({"gamma": 1})", "/s/gamma is not known"},
      {R"({"learning_rate": 0})", "/s/learning_rate is 0.0, expected more than 0"},
      {R"({"min_learning_rate": 0.1})", "/s/min_learning_rate is 0.1, expected 0 to learning_rate"},
      {R"({"min_learning_rate": -0.1})", "/s/min_learning_rate"},
      {R"({"warmup_steps": -1})", "/s/warmup_steps is -1"},
      {R"({"step_epochs": 0})", "/s/step_epochs is 0, expected at least 1"},
      {R"({"factor": 1})", "/s/factor"},
      {R"({"factor": 0})", "/s/factor"},
      {R"({"pct_start": 0})", "/s/pct_start"},
      {R"({"pct_start": 1})", "/s/pct_start"},
      {R"({"div_factor": 0.5})", "/s/div_factor"},
      {R"({"final_div_factor": 0})", "/s/final_div_factor"},
      {R"({"patience": -1})", "/s/patience"},
      {R"({"threshold": 1})", "/s/threshold"},
      {R"({"threshold": -1})", "/s/threshold"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_THAT([text = text] { parse_schedule(parse_json(text, "test"), "/s"); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
}

}  // namespace
}  // namespace steelsight::schedule_test
