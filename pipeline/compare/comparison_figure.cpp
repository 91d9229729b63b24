#include "pipeline/compare/comparison_figure.hpp"

#include <algorithm>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/plot.hpp"

namespace steelsight {
namespace {

constexpr double kWidth = 260;
constexpr double kRowHeight = 26;
constexpr double kNameWidth = 110;
constexpr double kShift = 4;  // A's dot is above the row's middle by this, B's below
constexpr std::size_t kMostClasses = 30;

struct Row {
  std::string name;
  Accuracy a{}, b{};
};

Accuracy recall_of(const Metrics& metrics, const std::string& name) {
  for (const ClassMetrics& item : metrics.per_class)
    if (item.name == name) return {item.support, item.correct};
  return {};
}

std::vector<Row> rows_of(const Comparison& comparison) {
  std::vector<ComparedClass> classes;
  for (const ComparedClass& item : comparison.classes)
    if (item.support > 0) classes.push_back(item);
  if (classes.size() > kMostClasses) {
    std::ranges::stable_sort(classes, std::ranges::greater{},
                             [](const ComparedClass& item) { return item.fixed + item.broken; });
    classes.resize(kMostClasses);
  }
  std::vector<Row> rows{
      {"all images", comparison.a.metrics.accuracy, comparison.b.metrics.accuracy}};
  for (const ComparedClass& item : classes)
    rows.push_back({item.name, recall_of(comparison.a.metrics, item.name),
                    recall_of(comparison.b.metrics, item.name)});
  return rows;
}

double lowest(const std::vector<Row>& rows) {
  double low = 1;
  for (const Row& row : rows) low = std::min({low, row.a.interval().low, row.b.interval().low});
  return low;
}

void draw_side(Canvas& canvas, const Plot& plot, const Accuracy& share, double y,
               const Color& color) {
  const Interval interval = share.interval();
  const auto x = [&](double value) { return plot.at(value, 0).x; };
  canvas.line({{x(interval.low), y}, {x(interval.high), y}}, color, 0.9);
  canvas.dot({x(share.value()), y}, 2.8, color);
}

void draw_row(Canvas& canvas, const Plot& plot, const Row& row, double y) {
  const TextStyle name{.size = 9, .align = Align::right, .bold = y < kRowHeight};
  canvas.text({-10, y}, canvas.shortened(row.name, name, kNameWidth), name);
  draw_side(canvas, plot, row.a, y - kShift, kBlue);
  draw_side(canvas, plot, row.b, y + kShift, kVermillion);
}

void draw_axis(Canvas& canvas, const Plot& plot) {
  const std::vector<double>& ticks = plot.x.ticks;
  const double bottom = plot.box.height;
  for (const double tick : ticks) {
    const double x = plot.at(tick, 0).x;
    canvas.line({{x, 0}, {x, bottom}}, kFaint, 0.6);
    canvas.text({x, bottom + 10}, percent_text(tick, ticks[1] - ticks[0] < 0.0099 ? 1 : 0),
                {.size = 8, .color = kQuietInk, .align = Align::center});
  }
  canvas.line({{0, bottom}, {kWidth, bottom}}, kQuietInk, 0.8);
  canvas.text({kWidth / 2, bottom + 24}, plot.x.name,
              {.size = 8.5, .color = kQuietInk, .align = Align::center});
}

void draw_titles(Canvas& canvas, const Comparison& comparison) {
  canvas.text({-kNameWidth, -34}, "Two models on the same images", {.size = 12, .bold = true});
  TextStyle legend{.size = 8.5, .color = kBlue};
  const std::string a = "A: " + canvas.shortened(comparison.a.name, legend, kWidth / 2);
  canvas.text({-kNameWidth, -17}, a, legend);
  const double behind = canvas.text_width(a, legend) + 14;
  legend.color = kVermillion;
  canvas.text({-kNameWidth + behind, -17},
              "B: " + canvas.shortened(comparison.b.name, legend, kWidth / 2), legend);
}

}  // namespace

void draw_comparison(const fs::path& file, const Comparison& comparison) {
  const std::vector<Row> rows = rows_of(comparison);
  save_figure(file, [&](Canvas& canvas) {
    const double height = kRowHeight * static_cast<double>(rows.size());
    std::vector<double> ticks = nice_ticks(lowest(rows), 1, 5);
    while (ticks.back() > 1 + 1e-9) ticks.pop_back();
    const Plot plot{.box = {0, 0, kWidth, height},
                    .x = {.ticks = ticks, .name = "recall (of all images: accuracy)"},
                    .y = {.ticks = {0, 1}}};
    draw_axis(canvas, plot);
    for (std::size_t i = 0; i < rows.size(); ++i)
      draw_row(canvas, plot, rows[i], kRowHeight * (static_cast<double>(i) + 0.5));
    draw_titles(canvas, comparison);
  });
}

}  // namespace steelsight
