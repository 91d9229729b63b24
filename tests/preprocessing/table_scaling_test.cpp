#include "preprocessing/table_scaling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelsight::table_scaling_test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<double> kRows[] = {{1, -2, 0.1}, {3, 2, 0.1}, {5, 6, 0.1}};

TableScaling fit(Scaling scaling) {
  return fit_scaling(scaling, {"a", "b", "c"}, {kRows[0], kRows[1], kRows[2]});
}

std::vector<float> scaled(const TableScaling& scaling, const std::vector<double>& values) {
  std::vector<float> inputs(values.size());
  scale_row(scaling, values, inputs);
  return inputs;
}

TEST(TableScaling, StandardHasMeanZeroAndDeviationOne) {
  const float end = 1.2247449f;  // sqrt(3 / 2)
  EXPECT_THAT(scaled(fit(Scaling::standard), {1, 6, 0.1}),
              ElementsAre(FloatEq(-end), FloatEq(end), 0));
}

TEST(TableScaling, MinmaxGoesFromZeroToOneAndBeyond) {
  EXPECT_THAT(scaled(fit(Scaling::minmax), {2, 6, 0.1}), ElementsAre(0.25f, 1, 0));
  EXPECT_THAT(scaled(fit(Scaling::minmax), {7, -6, 0.1}), ElementsAre(1.5f, -0.5f, 0));
}

TEST(TableScaling, NoneLeavesValuesAsTheyAre) {
  EXPECT_THAT(scaled(fit(Scaling::none), {7, -6, 0.1}), ElementsAre(7, -6, 0.1f));
}

TEST(TableScaling, ConstantFeaturesAreNotBlownUp) {
  for (const Scaling scaling : {Scaling::standard, Scaling::minmax})
    EXPECT_THAT(scaled(fit(scaling), {1, 1, 0.6})[2], FloatEq(0.5f));
}

TEST(TableScaling, RefusesRowsThatDoNotFit) {
  EXPECT_THROW(fit_scaling(Scaling::none, {"a"}, {}), std::invalid_argument);
  EXPECT_THROW(fit_scaling(Scaling::none, {"a"}, {kRows[0]}), std::invalid_argument);
}

TEST(TableScaling, JsonIsLossless) {
  for (const Scaling scaling : {Scaling::none, Scaling::standard, Scaling::minmax}) {
    const TableScaling fitted = fit(scaling);
    EXPECT_EQ(table_scaling_from_json(parse_json(to_json(fitted).dump(), "test")), fitted);
  }
}

TEST(TableScaling, JsonIsStrict) {
  const auto expect_error = [](const std::string& pointer, const Json& value, const char* message) {
    Json json = to_json(fit(Scaling::standard));
    json[Json::json_pointer(pointer)] = value;
    EXPECT_THAT([&] { table_scaling_from_json(json); },
                ThrowsMessage<ConfigError>(HasSubstr(message)))
        << json;
  };
  expect_error("/scaling", "robust", "/preprocessing/scaling is \"robust\"");
  expect_error("/width", 3, "/preprocessing/width is not known");
  expect_error("/features", {"a", "b", "a"}, "is there twice");
  expect_error("/features", Json::array(), "are none");
  expect_error("/offset", {1.0}, "has 1 offsets and 3 scales, expected one for each of 3 features");
  expect_error("/scale/1", 0.0, "not above 0");
  expect_error("/scale/1", nullptr, "/preprocessing/scale/1");
  EXPECT_THROW(scaling_named("robust", "/train/scaling"), ConfigError);
}

}  // namespace
}  // namespace steelsight::table_scaling_test
