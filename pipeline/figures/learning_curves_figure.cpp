// The learning curves of figure.hpp.
#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/figure.hpp"

namespace steelsight {
namespace {

constexpr double kPanelWidth = 215;
constexpr double kPanelHeight = 150;
constexpr double kPanelDistance = 118;  // room for the direct labels and the next axis
constexpr double kLineDistance = 11;    // between two direct labels, at least
constexpr double kLargestValue = 1e9;   // a loss beyond has diverged and leaves a gap
constexpr double kSmallestRange = 1e-9;

bool is_shown(double value) {
  return std::abs(value) <= kLargestValue;
}  // false for NaN

struct Curve {
  std::string name;
  Color color;
  double EpochLog::*value;
};

struct Panel {
  std::string title;
  double left = 0;
  bool is_share = false;  // a share of 1, shown in percent
  std::vector<Curve> curves;
};

struct Range {
  double low = 0;
  double high = 1;
  double share(double value) const { return (value - low) / (high - low); }
};

// Where values are in a panel; y upwards in data, downwards on paper.
struct Axes {
  Range epochs;
  Range values;
  std::vector<double> epoch_ticks;
  std::vector<double> value_ticks;
  double left = 0;

  Point at(double epoch, double value) const {
    return {left + kPanelWidth * epochs.share(epoch), kPanelHeight * (1 - values.share(value))};
  }
};

std::optional<Range> shown_range(const std::vector<EpochLog>& log, const Panel& panel) {
  std::optional<Range> range;
  for (const EpochLog& epoch : log)
    for (const Curve& curve : panel.curves) {
      const double value = epoch.*curve.value;
      if (!is_shown(value)) continue;
      if (!range) range = Range{value, value};
      range->low = std::min(range->low, value);
      range->high = std::max(range->high, value);
    }
  return range;
}

// Whole numbers inside the range of epochs.
std::vector<double> epoch_ticks(double first, double last) {
  std::vector<double> ticks;
  if (first == last) return {first};
  for (const double tick : nice_ticks(first, last, 6))
    if (tick == std::floor(tick) && tick >= first && tick <= last) ticks.push_back(tick);
  return ticks;
}

Axes make_axes(const std::vector<EpochLog>& log, const Panel& panel) {
  const double first = log.front().epoch, last = log.back().epoch;
  const double pad = first == last ? 0.5 : 0;
  const Range values = shown_range(log, panel).value_or(Range{0, 1});
  Axes axes;
  axes.left = panel.left;
  axes.epochs = {first - pad, last + pad};
  axes.epoch_ticks = epoch_ticks(first, last);
  // A loss is shown from zero; an accuracy up to 100 %, from where it starts to matter.
  axes.value_ticks =
      panel.is_share
          ? nice_ticks(std::min(values.low, 0.99), std::max(values.high, 1.0), 5)
          : nice_ticks(std::min(values.low, 0.0), std::max(values.high, kSmallestRange), 5);
  axes.values = {axes.value_ticks.front(), axes.value_ticks.back()};
  return axes;
}

// With as many decimals as tell two ticks apart.
std::string tick_text(double value, double step, bool is_share) {
  const double scale = is_share ? 100 : 1;
  const int decimals = static_cast<int>(std::ceil(-std::log10(scale * step) - 1e-9));
  return fixed_text(scale * value, std::max(decimals, 0)) + (is_share ? " %" : "");
}

void draw_axes(Canvas& canvas, const Axes& axes, const Panel& panel) {
  const TextStyle style{.size = 8, .color = kQuietInk};
  const double right = panel.left + kPanelWidth;
  const double step = axes.value_ticks[1] - axes.value_ticks[0];
  for (const double tick : axes.value_ticks) {
    const double y = axes.at(axes.epochs.low, tick).y;
    canvas.line({{panel.left, y}, {right, y}}, kFaint, 0.6);
    TextStyle label = style;
    label.align = Align::right;
    canvas.text({panel.left - 6, y}, tick_text(tick, step, panel.is_share), label);
  }
  canvas.line({{panel.left, kPanelHeight}, {right, kPanelHeight}}, kQuietInk, 0.8);
  TextStyle label = style;
  label.align = Align::center;
  for (const double tick : axes.epoch_ticks) {
    const double x = axes.at(tick, axes.values.low).x;
    canvas.line({{x, kPanelHeight}, {x, kPanelHeight + 3}}, kQuietInk, 0.8);
    canvas.text({x, kPanelHeight + 11}, number_text(tick), label);
  }
  canvas.text({panel.left + kPanelWidth / 2, kPanelHeight + 25}, "epoch", label);
  canvas.text({panel.left, -26}, panel.title, {.size = 10, .bold = true});
}

// Line pieces between gaps; a value between two gaps is a dot.
void draw_curve(Canvas& canvas, const Axes& axes, const std::vector<EpochLog>& log,
                const Curve& curve) {
  std::vector<Point> piece;
  const auto finish_piece = [&] {
    if (piece.size() == 1) canvas.dot(piece[0], 2, curve.color);
    if (piece.size() > 1) canvas.line(piece, curve.color, 1.5);
    piece.clear();
  };
  for (const EpochLog& epoch : log) {
    if (is_shown(epoch.*curve.value))
      piece.push_back(axes.at(epoch.epoch, epoch.*curve.value));
    else
      finish_piece();
  }
  finish_piece();
}

// The curves' names at the right of their last values, apart enough to be read.
void draw_names(Canvas& canvas, const Axes& axes, const std::vector<EpochLog>& log,
                const Panel& panel) {
  struct Name {
    double y;
    const Curve* curve;
  };
  std::vector<Name> names;
  for (const Curve& curve : panel.curves) {
    const auto last = std::find_if(log.rbegin(), log.rend(), [&](const EpochLog& epoch) {
      return is_shown(epoch.*curve.value);
    });
    if (last != log.rend()) names.push_back({axes.at(last->epoch, *last.*curve.value).y, &curve});
  }
  std::stable_sort(names.begin(), names.end(),
                   [](const Name& a, const Name& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < names.size(); ++i) {
    const double lacking = kLineDistance - (names[i].y - names[i - 1].y);
    if (lacking <= 0) continue;
    names[i - 1].y -= lacking / 2;
    names[i].y += lacking / 2;
  }
  for (const Name& name : names)
    canvas.text({panel.left + kPanelWidth + 6, name.y}, name.curve->name,
                {.size = 8.5, .color = name.curve->color});
}

void draw_best(Canvas& canvas, const Axes& axes, const EpochLog& best, const Panel& panel) {
  const double x = axes.at(best.epoch, axes.values.low).x;
  canvas.dashed_line({{x, -4}, {x, kPanelHeight}}, kQuietInk, 0.8);
  const Curve& validation = panel.curves.back();
  const double value = best.*validation.value;
  if (is_shown(value)) canvas.dot(axes.at(best.epoch, value), 2.8, validation.color);
  const std::string shown = !is_shown(value) ? ""
                            : panel.is_share ? ": " + percent_text(value)
                                             : ": " + fixed_text(value, 3);
  const std::string text = "best epoch " + std::to_string(best.epoch) + shown;
  const TextStyle style{.size = 8, .color = kQuietInk};
  const double width = canvas.text_width(text, style);
  const double left = std::clamp(x - width / 2, panel.left, panel.left + kPanelWidth - width);
  canvas.text({left, -10}, text, style);
}

void draw_panel(Canvas& canvas, const std::vector<EpochLog>& log, const Panel& panel) {
  const Axes axes = make_axes(log, panel);
  draw_axes(canvas, axes, panel);
  if (const auto best = best_epoch(log)) draw_best(canvas, axes, log[*best], panel);
  for (const Curve& curve : panel.curves) draw_curve(canvas, axes, log, curve);
  draw_names(canvas, axes, log, panel);
}

}  // namespace

void draw_learning_curves(const fs::path& file, const std::vector<EpochLog>& log) {
  if (log.empty()) throw std::invalid_argument("draw_learning_curves: the log has no epochs");
  const Panel loss{.title = "Loss",
                   .left = 0,
                   .is_share = false,
                   .curves = {{"training", kBlue, &EpochLog::train_loss},
                              {"validation", kVermillion, &EpochLog::validation_loss}}};
  const Panel accuracy{.title = "Accuracy",
                       .left = kPanelWidth + kPanelDistance,
                       .is_share = true,
                       .curves = {{"training", kBlue, &EpochLog::train_accuracy},
                                  {"validation", kVermillion, &EpochLog::validation_accuracy}}};
  save_figure(file, [&](Canvas& canvas) {
    draw_panel(canvas, log, loss);
    draw_panel(canvas, log, accuracy);
  });
}

}  // namespace steelsight
