#include "pipeline/figures/accuracy_chart.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"

namespace steelsight {
namespace {

constexpr double kWidth = 330;
constexpr double kHeight = 190;
constexpr double kInset = 22;         // from the sides to the first and the last x
constexpr double kLineDistance = 12;  // between two names, at least
constexpr double kLabelWidth = 110;
constexpr std::array<Color, 3> kColors{kBlue, kVermillion, kGreen};
// Series of one x stand beside each other, so that whiskers don't hide each other.
constexpr double kShift = 3.5;

struct Axes {
  double left = 0, right = 1;  // in data
  std::vector<double> ticks;   // on the axis of the accuracy

  double x_at(double x) const {
    const double share = right > left ? (x - left) / (right - left) : 0.5;
    return kInset + (kWidth - 2 * kInset) * share;
  }
  double y_at(double accuracy) const {
    return kHeight * (1 - (accuracy - ticks.front()) / (ticks.back() - ticks.front()));
  }
};

Axes make_axes(const AccuracyChart& chart) {
  Axes axes{.left = chart.ticks.front().x, .right = chart.ticks.back().x, .ticks = {}};
  double low = 1, high = 0;
  for (const AccuracySeries& series : chart.series)
    for (const AccuracyPoint& point : series.points) {
      axes.left = std::min(axes.left, point.x);
      axes.right = std::max(axes.right, point.x);
      low = std::min(low, point.mean - point.deviation.value_or(0));
      high = std::max(high, point.mean + point.deviation.value_or(0));
    }
  if (low > high) std::swap(low, high);  // no points
  constexpr double kSmallestRange = 0.01;
  high = std::clamp(high, kSmallestRange, 1.0);
  axes.ticks = nice_ticks(std::clamp(low, 0.0, high - kSmallestRange), high, 5);
  return axes;
}

void draw_axes(Canvas& canvas, const AccuracyChart& chart, const Axes& axes) {
  const bool has_decimals = axes.ticks[1] - axes.ticks[0] < 0.01 - 1e-9;
  TextStyle style{.size = 8, .color = kQuietInk, .align = Align::right};
  for (const double tick : axes.ticks) {
    const double y = axes.y_at(tick);
    canvas.line({{0, y}, {kWidth, y}}, kFaint, 0.6);
    canvas.text({-6, y}, percent_text(tick, has_decimals ? 1 : 0), style);
  }
  canvas.line({{0, kHeight}, {kWidth, kHeight}}, kQuietInk, 0.8);

  double widest = 0;
  for (const AccuracyChart::Tick& tick : chart.ticks)
    widest = std::max(widest, canvas.text_width(tick.label, style));
  const double room = (kWidth - 2 * kInset) / static_cast<double>(chart.ticks.size());
  style.upwards = widest > room;
  if (!style.upwards) style.align = Align::center;
  for (const AccuracyChart::Tick& tick : chart.ticks) {
    const double x = axes.x_at(tick.x);
    canvas.line({{x, kHeight}, {x, kHeight + 3}}, kQuietInk, 0.8);
    canvas.text({x, kHeight + (style.upwards ? 6 : 11)},
                canvas.shortened(tick.label, style, kLabelWidth), style);
  }
  const double below = style.upwards ? 6 + std::min(widest, kLabelWidth) + 12 : 27;
  canvas.text({kWidth / 2, kHeight + below}, chart.x_name,
              {.size = 9.5, .color = kQuietInk, .align = Align::center});
}

double shift_of(std::size_t series, std::size_t count) {
  return kShift * (static_cast<double>(series) - static_cast<double>(count - 1) / 2);
}

struct Look {
  Color color;
  double shift = 0;
  bool is_connected = true;
};

void draw_series(Canvas& canvas, const AccuracySeries& series, const Axes& axes, const Look& look) {
  const auto& [color, shift, is_connected] = look;
  std::vector<Point> line;
  for (const AccuracyPoint& point : series.points)
    line.push_back({axes.x_at(point.x) + shift, axes.y_at(point.mean)});
  if (is_connected && line.size() > 1) canvas.line(line, color, 1.2);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (const std::optional<double> deviation = series.points[i].deviation) {
      const auto end = [&](double sign) {
        const double value = series.points[i].mean + sign * *deviation;
        return axes.y_at(std::clamp(value, axes.ticks.front(), axes.ticks.back()));
      };
      canvas.line({{line[i].x, end(-1)}, {line[i].x, end(1)}}, color, 0.8);
    }
    canvas.dot(line[i], 2.8, color);
  }
}

// At the right of their last dots, apart enough to be read.
void draw_names(Canvas& canvas, const AccuracyChart& chart, const Axes& axes) {
  struct Name {
    double y;
    std::size_t series;
  };
  std::vector<Name> names;
  for (std::size_t i = 0; i < chart.series.size(); ++i)
    if (!chart.series[i].points.empty())
      names.push_back({axes.y_at(chart.series[i].points.back().mean), i});
  std::ranges::stable_sort(names, {}, &Name::y);
  for (std::size_t i = 1; i < names.size(); ++i)
    names[i].y = std::max(names[i].y, names[i - 1].y + kLineDistance);
  for (const Name& name : names)
    canvas.text({kWidth + 8, name.y}, chart.series[name.series].name,
                {.size = 9, .color = kColors[name.series]});
}

}  // namespace

void draw_accuracy_chart(const fs::path& file, const AccuracyChart& chart) {
  if (chart.ticks.empty()) throw std::invalid_argument("draw_accuracy_chart: no ticks");
  if (chart.series.size() > kColors.size())
    throw std::invalid_argument("draw_accuracy_chart: " + std::to_string(chart.series.size()) +
                                " series, expected up to " + std::to_string(kColors.size()));
  save_figure(file, [&](Canvas& canvas) {
    const Axes axes = make_axes(chart);
    draw_axes(canvas, chart, axes);
    if (chart.chosen) {
      const double x = axes.x_at(*chart.chosen);
      canvas.dashed_line({{x, -4}, {x, kHeight}}, kQuietInk, 0.8);
    }
    for (std::size_t i = 0; i < chart.series.size(); ++i)
      draw_series(canvas, chart.series[i], axes,
                  {.color = kColors[i],
                   .shift = shift_of(i, chart.series.size()),
                   .is_connected = chart.is_connected});
    draw_names(canvas, chart, axes);
    canvas.text({0, -34}, chart.title, {.size = 12, .bold = true});
    canvas.text({0, -17}, chart.subtitle, {.size = 8.5, .color = kQuietInk});
  });
}

}  // namespace steelsight
