#include "pipeline/figures/heat_map.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "tests/pipeline/figures/figure_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::heat_map_test {
namespace {

constexpr int kPixelsPerPoint = 3;

// Cairo rounds to 8 bits in its own way.
bool is_color(std::uint32_t pixel, const Color& color) {
  const auto is_near = [&](int shift, double value) {
    return std::abs(static_cast<double>(pixel >> shift & 0xFF) - 255 * value) < 1.01;
  };
  return is_near(16, color.red) && is_near(8, color.green) && is_near(0, color.blue);
}

std::ptrdiff_t count_pixels(const PngImage& image, const Color& color) {
  return std::ranges::count_if(image.pixels, [&](auto pixel) { return is_color(pixel, color); });
}

HeatMap map_of(std::size_t columns, std::size_t rows) {
  HeatMap map{.title = "Validation accuracy",
              .subtitle = "mean over 3 folds",
              .x_name = "schedule/learning_rate",
              .y_name = "optimizer/weight_decay",
              .x_labels = {},
              .y_labels = {},
              .cells = {},
              .chosen = HeatMap::Position{.x = columns - 1, .y = 0},
              .low = 0,
              .high = 1};
  for (std::size_t x = 0; x < columns; ++x) map.x_labels.push_back(std::to_string(x) + "e-3");
  for (std::size_t y = 0; y < rows; ++y) {
    map.y_labels.push_back(std::to_string(y) + "e-2");
    map.cells.emplace_back();
    for (std::size_t x = 0; x < columns; ++x)
      map.cells[y].push_back(
          HeatMapCell{.mean = static_cast<double>(x * y) / static_cast<double>(columns * rows),
                      .deviation = 0.01});
  }
  return map;
}

class HeatMapTest : public testing::Test {
 protected:
  PngImage drawn(const HeatMap& map) const {
    draw_heat_map(folder_ / "m.png", map);
    return read_png(folder_ / "m.png");
  }
  const TemporaryFolder folder_;
};

TEST_F(HeatMapTest, EverySizeFitsOnThePage) {
  const std::pair<std::size_t, std::size_t> sizes[] = {{1, 1}, {2, 1}, {1, 9}, {5, 4}, {40, 40}};
  for (const auto& [columns, rows] : sizes) {
    SCOPED_TRACE(columns * 100 + rows);
    const HeatMap map = map_of(columns, rows);
    const PngImage image = drawn(map);
    EXPECT_TRUE(has_clean_border(image, 12));
    EXPECT_LT(image.width, 2500);
    EXPECT_LT(image.height, 2500);
    draw_heat_map(folder_ / "m.svg", map);
    EXPECT_TRUE(is_well_formed(read_file(folder_ / "m.svg")));
  }
}

// A cell of 62 by 42 points without text has just its shade; the frame and the lines between cells
// take a little from its sides.
TEST_F(HeatMapTest, AShadeIsTheShareOfTheRange) {
  HeatMap map = map_of(2, 1);
  map.low = 0.5;
  map.cells[0] = {HeatMapCell{.mean = 0.5}, HeatMapCell{.mean = 0.75}};
  const PngImage image = drawn(map);
  constexpr double kCellPixels = 62 * 42 * kPixelsPerPoint * kPixelsPerPoint;
  EXPECT_GT(count_pixels(image, blue_shade(0)), 0.8 * kCellPixels);
  EXPECT_GT(count_pixels(image, blue_shade(0.5)), 0.8 * kCellPixels);
  EXPECT_LT(count_pixels(image, blue_shade(0.5)), 1.1 * kCellPixels);
}

TEST_F(HeatMapTest, TheChosenCellIsFramedAndAnEmptyOneIsNot) {
  HeatMap map = map_of(3, 2);
  EXPECT_GT(count_pixels(drawn(map), kVermillion), 2 * (62 + 42) * kPixelsPerPoint);
  map.chosen.reset();
  map.cells[1][1].reset();
  EXPECT_EQ(count_pixels(drawn(map), kVermillion), 0);
}

// The lowest row is at the bottom, as on the axis of a plot.
TEST_F(HeatMapTest, RowsRise) {
  HeatMap map = map_of(1, 2);
  map.chosen.reset();
  map.cells = {{HeatMapCell{.mean = 1}}, {HeatMapCell{.mean = 0.5}}};
  const PngImage image = drawn(map);
  const auto first_line_of = [&](const Color& color) {
    const auto found = std::ranges::find_if(
        image.pixels, [&](std::uint32_t pixel) { return is_color(pixel, color); });
    return (found - image.pixels.begin()) / image.width;
  };
  EXPECT_GT(first_line_of(blue_shade(1)), first_line_of(blue_shade(0.5)) + 40L * kPixelsPerPoint);
}

// One more label than columns stands at the edges, so the outermost reach beyond the cells.
TEST_F(HeatMapTest, LabelsAtTheEdges) {
  HeatMap map = map_of(5, 5);
  const int width = drawn(map).width;
  map.y_labels.push_back("5e-2");
  map.x_labels.push_back("5e-3");
  const PngImage image = drawn(map);
  EXPECT_TRUE(has_clean_border(image, 12));
  EXPECT_EQ(image.width, width);  // the scale stands there already
}

TEST_F(HeatMapTest, HostileLabelsDoNotBreakIt) {
  HeatMap map = map_of(3, 2);
  map.x_labels = {"<&>\"'", "\xff\xfe", std::string(5000, 'w')};
  map.y_labels = {"学习率", "a\nb"};
  map.x_name = "</svg>";
  EXPECT_TRUE(has_clean_border(drawn(map), 12));
  draw_heat_map(folder_ / "m.svg", map);
  EXPECT_TRUE(is_well_formed(read_file(folder_ / "m.svg")));
}

TEST_F(HeatMapTest, RefusesWhatDoesNotFitTogether) {
  std::vector<HeatMap> bad(6, map_of(3, 2));
  bad[0].x_labels.pop_back();
  for (int i = 0; i < 2; ++i) bad[1].y_labels.push_back("more");
  bad[2].cells.clear();
  bad[3].cells[1].pop_back();
  bad[4].chosen->x = 3;
  bad[5].low = bad[5].high;
  for (const HeatMap& map : bad)
    EXPECT_THROW(draw_heat_map(folder_ / "m.png", map), std::invalid_argument);
  EXPECT_THROW(draw_heat_map(folder_ / "m.jpg", map_of(1, 1)), std::invalid_argument);
  write_file(folder_ / "file", "");
  EXPECT_THROW(draw_heat_map(folder_ / "file/m.png", map_of(1, 1)), FileError);
}

}  // namespace
}  // namespace steelsight::heat_map_test
