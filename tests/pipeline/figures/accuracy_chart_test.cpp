#include "pipeline/figures/accuracy_chart.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/atomic_file.hpp"
#include "tests/pipeline/figures/figure_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::accuracy_chart_test {
namespace {

AccuracyChart chart_of(std::size_t values) {
  AccuracyChart chart{.title = "Accuracy",
                      .subtitle = "mean over 3 folds",
                      .x_name = "dropout",
                      .ticks = {},
                      .series = {{"train", {}}, {"validation", {}}, {"test", {}}},
                      .chosen = 0};
  for (std::size_t i = 0; i < values; ++i) {
    const auto x = static_cast<double>(i);
    chart.ticks.push_back({x, std::to_string(i) + "e-3"});
    for (AccuracySeries& series : chart.series)
      series.points.push_back({.x = x, .mean = 1 - 0.4 / (x + 1), .deviation = 0.05});
  }
  return chart;
}

class AccuracyChartTest : public testing::Test {
 protected:
  // Width and clean borders are checked here.
  PngImage drawn(const AccuracyChart& chart) const {
    draw_accuracy_chart(folder_ / "c.png", chart);
    draw_accuracy_chart(folder_ / "c.svg", chart);
    EXPECT_TRUE(is_well_formed(read_file(folder_ / "c.svg")));
    PngImage image = read_png(folder_ / "c.png");
    EXPECT_TRUE(has_clean_border(image, 12));
    EXPECT_LT(image.width, 2000);
    EXPECT_LT(image.height, 1500);
    return image;
  }
  const TemporaryFolder folder_;
};

TEST_F(AccuracyChartTest, AnyNumberOfValues) {
  for (const std::size_t values : {1u, 2u, 7u, 60u}) drawn(chart_of(values));
}

TEST_F(AccuracyChartTest, SeriesMayBeEmptyOrWithoutDeviations) {
  AccuracyChart chart = chart_of(3);
  chart.series[0].points.clear();
  for (AccuracyPoint& point : chart.series[1].points) point.deviation.reset();
  chart.chosen.reset();
  drawn(chart);
  chart.series.clear();
  drawn(chart);
}

// Vermillion, the colour of the second series.
TEST_F(AccuracyChartTest, WhiskersAreAsLongAsTheDeviation) {
  const auto pixels = [&](double deviation) {
    AccuracyChart chart = chart_of(1);
    chart.series[0].points[0].deviation = chart.series[2].points[0].deviation = 0;
    chart.series[0].points[0].mean = 0.2;  // holds the axis
    chart.series[1].points[0].deviation = deviation;
    const PngImage image = drawn(chart);
    return std::ranges::count(image.pixels, 0xD55E00u);
  };
  EXPECT_GT(pixels(0.3), pixels(0.1) + 100);
}

TEST_F(AccuracyChartTest, RefusesNoTicksAndTooManySeries) {
  AccuracyChart chart = chart_of(2);
  chart.ticks.clear();
  EXPECT_THROW(draw_accuracy_chart(folder_ / "c.png", chart), std::invalid_argument);
  chart = chart_of(2);
  chart.series.push_back({"fourth", {}});
  EXPECT_THROW(draw_accuracy_chart(folder_ / "c.png", chart), std::invalid_argument);
  EXPECT_THROW(draw_accuracy_chart(folder_ / "c.gif", chart_of(2)), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::accuracy_chart_test
