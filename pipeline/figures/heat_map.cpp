#include "pipeline/figures/heat_map.hpp"

#include <algorithm>
#include <stdexcept>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"

namespace steelsight {
namespace {

constexpr double kLabelWidth = 110;  // longer labels are shortened
constexpr double kGap = 6;           // between cells and their labels
constexpr double kTitleDistance = 16;
constexpr double kLeastWidthForText = 24;  // a cell's width
constexpr Color kFrame{0.75, 0.78, 0.82};
constexpr Color kEmpty{0.955, 0.957, 0.962};
constexpr TextStyle kMean{.size = 10, .align = Align::center};
constexpr TextStyle kDeviation{.size = 7, .align = Align::center};
constexpr TextStyle kLabel{.size = 9};
constexpr TextStyle kAxisName{.size = 9.5, .color = kQuietInk, .align = Align::center};

void check_labels(const char* axis, std::size_t labels, std::size_t cells) {
  if (labels != cells && labels != cells + 1)
    throw std::invalid_argument(std::string("draw_heat_map: ") + std::to_string(labels) +
                                " labels on " + axis + " for " + std::to_string(cells) +
                                " cells, expected as many or one more");
}

void check(const HeatMap& map) {
  const std::size_t rows = map.cells.size();
  const std::size_t columns = rows == 0 ? 0 : map.cells.front().size();
  if (columns == 0) throw std::invalid_argument("draw_heat_map: no cells");
  check_labels("x", map.x_labels.size(), columns);
  check_labels("y", map.y_labels.size(), rows);
  for (const auto& row : map.cells)
    if (row.size() != columns)
      throw std::invalid_argument("draw_heat_map: a row of " + std::to_string(row.size()) +
                                  " cells, expected " + std::to_string(columns));
  if (map.chosen && (map.chosen->x >= columns || map.chosen->y >= rows))
    throw std::invalid_argument("draw_heat_map: the chosen cell is none of the map");
  if (!(map.low < map.high))
    throw std::invalid_argument("draw_heat_map: shades from " + number_text(map.low) + " to " +
                                number_text(map.high) + ", expected a range");
}

// Sizes in points; the cells have their upper left corner at (0, 0).
struct Layout {
  double cell_width = 0, cell_height = 0;
  std::size_t columns = 0, rows = 0;
  double width = 0, height = 0;  // all cells together
  bool has_text = true;
  bool x_upwards = false;
  std::vector<std::string> x_labels, y_labels;
  double widest_x = 0, widest_y = 0;

  Box cell(std::size_t x, std::size_t y) const {
    return {cell_width * static_cast<double>(x),
            height - cell_height * (static_cast<double>(y) + 1), cell_width, cell_height};
  }
  // A label stands at the middle of its cell, or at the edge before it.
  double label_x(std::size_t i) const {
    const double offset = x_labels.size() == columns ? 0.5 : 0;
    return cell_width * (static_cast<double>(i) + offset);
  }
  double label_y(std::size_t i) const {
    const double offset = y_labels.size() == rows ? 0.5 : 0;
    return height - cell_height * (static_cast<double>(i) + offset);
  }
};

double widest(const Canvas& canvas, const std::vector<std::string>& labels) {
  double width = 0;
  for (const std::string& label : labels) width = std::max(width, canvas.text_width(label, kLabel));
  return width;
}

Layout make_layout(const Canvas& canvas, const HeatMap& map) {
  Layout layout;
  for (const std::string& label : map.x_labels)
    layout.x_labels.push_back(canvas.shortened(label, kLabel, kLabelWidth));
  for (const std::string& label : map.y_labels)
    layout.y_labels.push_back(canvas.shortened(label, kLabel, kLabelWidth));
  layout.widest_x = widest(canvas, layout.x_labels);
  layout.widest_y = widest(canvas, layout.y_labels);
  layout.rows = map.cells.size();
  layout.columns = map.cells.front().size();
  const auto columns = static_cast<double>(layout.columns);
  const auto rows = static_cast<double>(layout.rows);
  layout.cell_width = std::clamp(330 / columns, 13.0, 62.0);
  layout.cell_height = std::clamp(260 / rows, 13.0, 42.0);
  layout.has_text = layout.cell_width >= kLeastWidthForText;
  layout.x_upwards = layout.widest_x > layout.cell_width - 4;
  layout.width = layout.cell_width * columns;
  layout.height = layout.cell_height * rows;
  return layout;
}

void draw_cell(Canvas& canvas, const Box& box, const HeatMapCell& cell, const Color& color,
               bool has_text) {
  canvas.fill(box, color);
  if (!has_text) return;
  const Point centre{box.x + box.width / 2, box.y + box.height / 2};
  TextStyle mean = kMean, deviation = kDeviation;
  mean.color = deviation.color = readable_ink(color);
  mean.size = std::min(mean.size, box.width * 0.32);
  const bool has_deviation = cell.deviation && box.height >= 26 && box.width >= 34;
  canvas.text({centre.x, centre.y - (has_deviation ? 5 : 0)}, fixed_text(100 * cell.mean, 1), mean);
  if (has_deviation)
    canvas.text({centre.x, centre.y + 8}, "± " + fixed_text(100 * *cell.deviation, 1), deviation);
}

void draw_cells(Canvas& canvas, const Layout& layout, const HeatMap& map) {
  canvas.fill({0, 0, layout.width, layout.height}, kEmpty);
  for (std::size_t y = 0; y < map.cells.size(); ++y)
    for (std::size_t x = 0; x < map.cells[y].size(); ++x)
      if (const std::optional<HeatMapCell>& cell = map.cells[y][x])
        draw_cell(canvas, layout.cell(x, y), *cell,
                  blue_shade((cell->mean - map.low) / (map.high - map.low)), layout.has_text);
  for (std::size_t x = 1; x < layout.columns; ++x) {
    const double at = layout.cell_width * static_cast<double>(x);
    canvas.line({{at, 0}, {at, layout.height}}, kPaper, 1.2);
  }
  for (std::size_t y = 1; y < layout.rows; ++y) {
    const double at = layout.cell_height * static_cast<double>(y);
    canvas.line({{0, at}, {layout.width, at}}, kPaper, 1.2);
  }
}

void draw_outline(Canvas& canvas, const Box& box, const Color& color, double width) {
  const double right = box.x + box.width, bottom = box.y + box.height;
  // The first side is drawn twice, so that the corner where the line closes is as round as others.
  canvas.line({{box.x, box.y},
               {right, box.y},
               {right, bottom},
               {box.x, bottom},
               {box.x, box.y},
               {right, box.y}},
              color, width);
}

void draw_labels(Canvas& canvas, const Layout& layout, const HeatMap& map) {
  for (std::size_t y = 0; y < layout.y_labels.size(); ++y) {
    TextStyle style = kLabel;
    style.align = Align::right;
    canvas.text({-kGap, layout.label_y(y)}, layout.y_labels[y], style);
  }
  for (std::size_t x = 0; x < layout.x_labels.size(); ++x) {
    TextStyle style = kLabel;
    style.upwards = layout.x_upwards;
    style.align = layout.x_upwards ? Align::right : Align::center;
    const double below = layout.height + kGap + (layout.x_upwards ? 0 : style.size / 2);
    canvas.text({layout.label_x(x), below}, layout.x_labels[x], style);
  }
  const double label_height = layout.x_upwards ? layout.widest_x : kLabel.size;
  canvas.text({layout.width / 2, layout.height + kGap + label_height + kTitleDistance - 3},
              map.x_name, kAxisName);
  TextStyle upwards = kAxisName;
  upwards.upwards = true;
  canvas.text({-kGap - layout.widest_y - kTitleDistance, layout.height / 2}, map.y_name, upwards);
}

void draw_scale(Canvas& canvas, const Layout& layout, const HeatMap& map) {
  constexpr int kSteps = 64;
  constexpr double kWidth = 8;
  const double left = layout.width + 20;
  const double height = std::clamp(layout.height, 60.0, 160.0);
  for (int i = 0; i < kSteps; ++i) {
    // Each step reaches to the bottom, so that no seam shows between two of them.
    const double top = height * i / kSteps;
    canvas.fill({left, top, kWidth, height - top}, blue_shade(1 - (i + 0.5) / kSteps));
  }
  draw_outline(canvas, {left, 0, kWidth, height}, kFrame, 0.75);
  const std::vector<double> ticks = nice_ticks(map.low, map.high, 5);
  const bool has_decimals = ticks[1] - ticks[0] < 0.01 - 1e-9;
  for (const double tick : ticks) {
    if (tick < map.low - 1e-9 || tick > map.high + 1e-9) continue;
    const double y = height * (1 - (tick - map.low) / (map.high - map.low));
    canvas.line({{left + kWidth, y}, {left + kWidth + 3, y}}, kFrame, 0.75);
    canvas.text({left + kWidth + 6, y}, percent_text(tick, has_decimals ? 1 : 0),
                {.size = 7.5, .color = kQuietInk});
  }
}

}  // namespace

void draw_heat_map(const fs::path& file, const HeatMap& map) {
  check(map);
  save_figure(file, [&](Canvas& canvas) {
    const Layout layout = make_layout(canvas, map);
    draw_cells(canvas, layout, map);
    draw_outline(canvas, {0, 0, layout.width, layout.height}, kFrame, 0.75);
    if (map.chosen)
      draw_outline(canvas, layout.cell(map.chosen->x, map.chosen->y), kVermillion, 2.2);
    draw_labels(canvas, layout, map);
    draw_scale(canvas, layout, map);
    canvas.text({0, -32}, map.title, {.size = 12, .bold = true});
    canvas.text({0, -15}, map.subtitle, {.size = 8.5, .color = kQuietInk});
  });
}

}  // namespace steelsight
