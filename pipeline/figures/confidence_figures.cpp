// The figures of figure.hpp that show what a confidence is worth.
#include <algorithm>
#include <stdexcept>

#include "evaluation/metrics.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/figure.hpp"
#include "pipeline/figures/plot.hpp"

namespace steelsight {
namespace {

constexpr double kSide = 210;

void draw_title(Canvas& canvas, const std::string& title, const std::string& subtitle) {
  canvas.text({0, -32}, title, {.size = 12, .bold = true});
  canvas.text({0, -16}, subtitle, {.size = 8.5, .color = kQuietInk});
}

void require_images(std::span<const Judged> images, const char* what) {
  if (images.empty()) throw std::invalid_argument(std::string(what) + ": there are no images");
}

// A dot with its 95 % interval.
void draw_bin(Canvas& canvas, const Plot& plot, const ConfidenceBin& bin) {
  const Interval interval = wilson_interval(bin.correct, bin.n);
  const double x = bin.mean_confidence();
  canvas.line({plot.at(x, interval.low), plot.at(x, interval.high)}, kBlue, 1);
  canvas.dot(plot.at(x, bin.accuracy()), 2.8, kBlue);
}

void draw_bars(Canvas& canvas, const Plot& plot, const std::vector<double>& counts,
               const Color& color) {
  plot.draw_axes(canvas);
  const double width = plot.box.width / static_cast<double>(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double top = plot.at(0, counts[i]).y;
    canvas.fill({plot.box.x + width * static_cast<double>(i) + 0.5, top, width - 1,
                 plot.box.y + plot.box.height - top},
                color);
  }
}

}  // namespace

void draw_reliability(const fs::path& file, std::span<const Judged> images) {
  require_images(images, "draw_reliability");
  save_figure(file, [&](Canvas& canvas) {
    draw_title(canvas, "Reliability",
               "Expected calibration error " + percent_text(expected_calibration_error(images), 2) +
                   ", n = " + std::to_string(images.size()));
    const std::vector<double> ticks = {0, 0.2, 0.4, 0.6, 0.8, 1};
    const Plot plot{.box = {0, 0, kSide, kSide},
                    .x = {.ticks = ticks, .name = "confidence"},
                    .y = {.ticks = ticks, .name = "share of right ones"}};
    plot.draw_axes(canvas);
    canvas.dashed_line({plot.at(0, 0), plot.at(1, 1)}, kQuietInk, 0.8);
    for (const ConfidenceBin& bin : confidence_bins(images))
      if (bin.n > 0) draw_bin(canvas, plot, bin);
  });
}

void draw_coverage(const fs::path& file, std::span<const Judged> images) {
  const std::vector<Acceptance> points = acceptances(images);
  require_images(images, "draw_coverage");
  double highest = 0;
  for (const Acceptance& point : points) highest = std::max(highest, point.error());
  save_figure(file, [&](Canvas& canvas) {
    draw_title(canvas, "What a reject threshold buys",
               "Errors among the images that are named, if the least confident ones are not");
    Plot plot{.box = {0, 0, 1.4 * kSide, kSide},
              .x = {.ticks = {0, 0.2, 0.4, 0.6, 0.8, 1}, .name = "share of images that are named"},
              .y = axis_up_to(highest > 0 ? highest : 0.01, /*is_share=*/true)};
    plot.y.name = "errors among them";
    plot.draw_axes(canvas);
    std::vector<Point> line;
    for (const Acceptance& point : points) line.push_back({point.coverage(), point.error()});
    canvas.line(plot.line(line), kBlue, 1.6);
    canvas.dot(plot.at(1, line.back().y), 2.8, kBlue);
  });
}

void draw_confidences(const fs::path& file, std::span<const Judged> images) {
  require_images(images, "draw_confidences");
  std::vector<double> right, wrong;
  std::size_t n_right = 0;
  for (const ConfidenceBin& bin : confidence_bins(images)) {
    right.push_back(static_cast<double>(bin.correct));
    wrong.push_back(static_cast<double>(bin.n - bin.correct));
    n_right += bin.correct;
  }
  const auto axis = [](const std::vector<double>& counts) {
    constexpr double kLeast = 4;  // below, ticks would be no whole numbers
    PlotAxis result = axis_up_to(std::max(std::ranges::max(counts), kLeast), /*is_share=*/false);
    result.name = "images";
    return result;
  };
  save_figure(file, [&](Canvas& canvas) {
    constexpr double kTop = 18, kHeight = 0.36 * kSide, kBelow = kHeight + 46;
    draw_title(canvas, "Confidences", "Of right and of wrong predictions, each with its own scale");
    const std::vector<double> ticks = {0, 0.2, 0.4, 0.6, 0.8, 1};
    draw_bars(canvas,
              {.box = {0, kTop, 1.4 * kSide, kHeight}, .x = {.ticks = ticks}, .y = axis(right)},
              right, kBlue);
    draw_bars(canvas,
              {.box = {0, kTop + kBelow, 1.4 * kSide, kHeight},
               .x = {.ticks = ticks, .name = "confidence"},
               .y = axis(wrong)},
              wrong, kVermillion);
    canvas.text({0, kTop - 10}, "right: " + std::to_string(n_right), {.size = 9, .color = kBlue});
    canvas.text({0, kTop + kBelow - 10}, "wrong: " + std::to_string(images.size() - n_right),
                {.size = 9, .color = kVermillion});
  });
}

}  // namespace steelsight
