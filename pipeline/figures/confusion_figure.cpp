// The confusion matrix of figure.hpp.
#include <algorithm>
#include <string>
#include <vector>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/figure.hpp"

namespace steelsight {
namespace {

constexpr double kLabelWidth = 150;                // longer class names are shortened
constexpr double kGap = 5;                         // between cells and their labels
constexpr double kTitleDistance = 14;              // from the labels to an axis title
constexpr std::size_t kMostClassesWithZeros = 12;  // beyond, a cell without images stays empty
constexpr Color kZeroInk{0.68, 0.72, 0.78};
constexpr Color kFrame{0.75, 0.78, 0.82};

// Sizes, in points, that depend on the classes; the matrix has its upper left corner at (0, 0).
struct Layout {
  std::size_t classes = 0;
  double cell = 0;
  double side = 0;
  TextStyle count{.size = 9, .align = Align::center};
  TextStyle label{.size = 9.5};
  bool has_counts = true;
  bool has_labels = true;
  bool labels_upwards = false;  // those of the columns
  std::vector<std::string> names;
  double widest_name = 0;
};

Layout make_layout(const Canvas& canvas, const Metrics& metrics) {
  Layout layout;
  layout.classes = metrics.classes.size();
  const auto classes = static_cast<double>(layout.classes);
  std::size_t largest = 0;
  for (const auto& row : metrics.confusion)
    largest = std::max(largest, *std::max_element(row.begin(), row.end()));

  layout.cell = layout.classes <= 30 ? std::clamp(330 / classes, 18.0, 44.0) : 540 / classes;
  layout.count.size = std::clamp(layout.cell * 0.4, 6.5, 11.0);
  layout.label.size = std::clamp(layout.cell * 0.5, 6.0, 10.0);
  layout.has_counts = layout.cell >= 14;
  layout.has_labels = layout.cell >= 7;
  if (layout.has_counts)
    layout.cell = std::max(
        layout.cell, canvas.text_width(std::to_string(largest), layout.count) + layout.cell * 0.25);
  layout.side = layout.cell * classes;
  for (const std::string& name : metrics.classes) {
    if (!layout.has_labels) break;
    layout.names.push_back(canvas.shortened(name, layout.label, kLabelWidth));
    layout.widest_name =
        std::max(layout.widest_name, canvas.text_width(layout.names.back(), layout.label));
  }
  layout.labels_upwards = layout.widest_name > layout.cell - 4;
  return layout;
}

void draw_cells(Canvas& canvas, const Layout& layout, const Metrics& metrics) {
  const bool shows_zeros = layout.classes <= kMostClassesWithZeros;
  canvas.fill({0, 0, layout.side, layout.side}, blue_shade(0));
  for (std::size_t t = 0; t < layout.classes; ++t)
    for (std::size_t p = 0; p < layout.classes; ++p) {
      const std::size_t count = metrics.confusion[t][p];
      if (count == 0 && !shows_zeros) continue;
      const Box box{layout.cell * static_cast<double>(p), layout.cell * static_cast<double>(t),
                    layout.cell, layout.cell};
      const auto support =
          static_cast<double>(std::max<std::size_t>(metrics.per_class[t].support, 1));
      const Color color = blue_shade(static_cast<double>(count) / support);
      if (count > 0) canvas.fill(box, color);
      if (!layout.has_counts) continue;
      TextStyle style = layout.count;
      style.color = count == 0 ? kZeroInk : readable_ink(color);
      canvas.text({box.x + box.width / 2, box.y + box.height / 2}, std::to_string(count), style);
    }
}

void draw_grid(Canvas& canvas, const Layout& layout) {
  const double width = std::min(1.0, layout.cell * 0.05);
  for (std::size_t i = 1; i < layout.classes; ++i) {
    const double at = layout.cell * static_cast<double>(i);
    canvas.line({{at, 0}, {at, layout.side}}, kPaper, width);
    canvas.line({{0, at}, {layout.side, at}}, kPaper, width);
  }
  const double side = layout.side;
  canvas.line({{0, 0}, {side, 0}, {side, side}, {0, side}, {0, 0}}, kFrame, 0.75);
}

void draw_labels(Canvas& canvas, const Layout& layout) {
  for (std::size_t k = 0; k < layout.names.size(); ++k) {
    const double middle = layout.cell * (static_cast<double>(k) + 0.5);
    TextStyle style = layout.label;
    style.align = Align::right;
    canvas.text({-kGap, middle}, layout.names[k], style);
    style.upwards = layout.labels_upwards;
    if (layout.labels_upwards) {
      canvas.text({middle, layout.side + kGap}, layout.names[k], style);
    } else {
      style.align = Align::center;
      canvas.text({middle, layout.side + kGap + style.size / 2}, layout.names[k], style);
    }
  }
  const double beside = layout.widest_name + kGap + kTitleDistance;
  const double below = layout.labels_upwards ? beside : layout.label.size + kGap + kTitleDistance;
  TextStyle style{.size = 10, .color = kQuietInk, .align = Align::center};
  canvas.text({layout.side / 2, layout.side + below}, "predicted", style);
  style.upwards = true;
  canvas.text({-beside, layout.side / 2}, "true", style);
}

void draw_shade_scale(Canvas& canvas, const Layout& layout) {
  constexpr int kSteps = 64;
  constexpr double kWidth = 7;
  const double height = std::min(layout.side, 130.0);
  const double left = layout.side + 16;
  for (int i = 0; i < kSteps; ++i) {
    // Each step reaches to the bottom, so that no seam shows between two of them.
    const double top = height * i / kSteps;
    canvas.fill({left, top, kWidth, height - top}, blue_shade(1 - (i + 0.5) / kSteps));
  }
  canvas.line({{left, 0}, {left + kWidth, 0}, {left + kWidth, height}, {left, height}, {left, 0}},
              kFrame, 0.75);
  TextStyle style{.size = 7.5, .color = kQuietInk};
  const double inset = style.size * 0.4;  // keeps the outer two inside the scale's height
  canvas.text({left + kWidth + 4, inset}, "100 %", style);
  if (height > 40) canvas.text({left + kWidth + 4, height / 2}, "50 %", style);
  canvas.text({left + kWidth + 4, height - inset}, "0 %", style);
  style.upwards = true;
  style.align = Align::center;
  if (height > 90) canvas.text({left + kWidth + 36, height / 2}, "share of the true class", style);
}

void draw_title(Canvas& canvas, const Accuracy& accuracy) {
  const Interval interval = accuracy.interval();
  canvas.text({0, -30}, "Accuracy " + percent_text(accuracy.value()), {.size = 12, .bold = true});
  canvas.text({0, -14},
              "95 % interval " + percent_text(interval.low) + " to " + percent_text(interval.high) +
                  ", n = " + std::to_string(accuracy.n),
              {.size = 8.5, .color = kQuietInk});
}

}  // namespace

void draw_confusion_matrix(const fs::path& file, const Metrics& metrics) {
  save_figure(file, [&](Canvas& canvas) {
    const Layout layout = make_layout(canvas, metrics);
    draw_cells(canvas, layout, metrics);
    draw_grid(canvas, layout);
    draw_labels(canvas, layout);
    draw_shade_scale(canvas, layout);
    draw_title(canvas, metrics.accuracy);
  });
}

}  // namespace steelsight
