#include "pipeline/figures/plot.hpp"

#include <algorithm>
#include <cmath>

#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

// With as many decimals as tell two ticks apart.
std::string tick_text(const PlotAxis& axis, double value) {
  const double scale = axis.is_share ? 100 : 1;
  const double step = scale * (axis.ticks[1] - axis.ticks[0]);
  const int decimals = std::max(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0);
  return fixed_text(scale * value, decimals) + (axis.is_share ? " %" : "");
}

double position(const PlotAxis& axis, double value) {
  const double low = axis.ticks.front(), high = axis.ticks.back();
  return (std::clamp(value, low, high) - low) / (high - low);
}

}  // namespace

Point Plot::at(double x_value, double y_value) const {
  return {box.x + box.width * position(x, x_value),
          box.y + box.height * (1 - position(y, y_value))};
}

std::vector<Point> Plot::line(const std::vector<Point>& points) const {
  constexpr double kHair = 0.2;  // points
  std::vector<Point> kept;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point point = at(points[i].x, points[i].y);
    if (i == 0 || i + 1 == points.size() ||
        std::hypot(point.x - kept.back().x, point.y - kept.back().y) > kHair)
      kept.push_back(point);
  }
  return kept;
}

void Plot::draw_axes(Canvas& canvas) const {
  const double right = box.x + box.width, bottom = box.y + box.height;
  TextStyle label{.size = 8, .color = kQuietInk, .align = Align::right};
  double widest = 0;
  for (const double tick : y.ticks) {
    const double at_y = at(x.ticks.front(), tick).y;
    canvas.line({{box.x, at_y}, {right, at_y}}, kFaint, 0.6);
    canvas.text({box.x - 5, at_y}, tick_text(y, tick), label);
    widest = std::max(widest, canvas.text_width(tick_text(y, tick), label));
  }
  label.align = Align::center;
  for (const double tick : x.ticks) {
    const double at_x = at(tick, y.ticks.front()).x;
    canvas.line({{at_x, bottom}, {at_x, bottom + 3}}, kQuietInk, 0.8);
    canvas.text({at_x, bottom + 10}, tick_text(x, tick), label);
  }
  canvas.line({{box.x, bottom}, {right, bottom}}, kQuietInk, 0.8);
  TextStyle name{.size = 8.5, .color = kQuietInk, .align = Align::center};
  canvas.text({box.x + box.width / 2, bottom + 24}, x.name, name);
  name.upwards = true;
  canvas.text({box.x - 5 - widest - 11, box.y + box.height / 2}, y.name, name);
}

PlotAxis axis_up_to(double high, bool is_share) {
  return {.ticks = nice_ticks(0, high, 5), .is_share = is_share};
}

}  // namespace steelsight
