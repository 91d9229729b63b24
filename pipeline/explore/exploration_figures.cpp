#include "pipeline/explore/exploration_figures.hpp"

#include <algorithm>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/plot.hpp"

namespace steelsight {
namespace {

constexpr double kPanelWidth = 190, kPanelHeight = 150, kPanelDistance = 50;
constexpr std::size_t kMostComponents = 20;
constexpr double kMapSide = 330;
constexpr double kPictureSide = 62, kPictureDistance = 5;

void draw_scree_panel(Canvas& canvas, const Pca& pca, const std::string& name, double left) {
  const std::vector<double> ratios = pca.explained_ratio();
  const std::size_t shown = std::min(ratios.size(), kMostComponents);
  const Plot plot{
      .box = {left, 0, kPanelWidth, kPanelHeight},
      .x = {.ticks = nice_ticks(0, static_cast<double>(shown), 5),
            .is_share = false,
            .name = "principal component"},
      .y = {.ticks = {0, 0.2, 0.4, 0.6, 0.8, 1}, .name = left == 0 ? "share of the variance" : ""}};
  plot.draw_axes(canvas);
  double sum = 0;
  std::vector<Point> line;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto number = static_cast<double>(i + 1);
    const Point from = plot.at(number - 0.35, ratios[i]), to = plot.at(number + 0.35, 0);
    canvas.fill({from.x, from.y, to.x - from.x, to.y - from.y}, kBlue);
    line.push_back(plot.at(number, sum += ratios[i]));
  }
  canvas.line(line, kVermillion, 1.2);
  for (const Point& point : line) canvas.dot(point, 1.8, kVermillion);
  canvas.text({left, -10}, name, {.size = 9, .bold = true});
  canvas.text({left + kPanelWidth, -10}, number_text(pca.components_for(0.9)) + " explain 90 %",
              {.size = 8, .color = kQuietInk, .align = Align::right});
}

// The upper one of two.
double middle_value(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The same scale in both directions: only distances have a meaning.
class MapScale {
 public:
  explicit MapScale(const std::vector<NamedPoints>& kinds) {
    double left = 1e300, right = -1e300, low = 1e300, high = -1e300;
    for (const NamedPoints& kind : kinds)
      for (const MapPoint& point : kind.points) {
        left = std::min(left, point.x);
        right = std::max(right, point.x);
        low = std::min(low, point.y);
        high = std::max(high, point.y);
      }
    middle_ = {(left + right) / 2, (low + high) / 2};
    const double span = std::max(right - left, high - low);
    scale_ = span > 0 ? kMapSide / span : 1;
  }
  Point at(double x, double y) const {
    return {kMapSide / 2 + scale_ * (x - middle_.x), kMapSide / 2 - scale_ * (y - middle_.y)};
  }

 private:
  MapPoint middle_;
  double scale_ = 1;
};

void draw_name(Canvas& canvas, const NamedPoints& kind, const MapScale& scale, const Color& color) {
  if (kind.points.empty() || kind.name.empty()) return;
  std::vector<double> x, y;
  for (const MapPoint& point : kind.points) {
    x.push_back(point.x);
    y.push_back(point.y);
  }
  const Point at = scale.at(middle_value(x), middle_value(y));
  const TextStyle style{.size = 9, .color = color, .align = Align::center, .bold = true};
  const std::string name = canvas.shortened(kind.name, style, kMapSide / 3);
  const double width = canvas.text_width(name, style) + 4;
  canvas.fill({at.x - width / 2, at.y - 6.5, width, 13}, kPaper);
  canvas.text(at, name, style);
}

}  // namespace

void draw_scree(const fs::path& file, const Pca& raw, const Pca& standard) {
  save_figure(file, [&](Canvas& canvas) {
    canvas.text({0, -42}, "Principal components", {.size = 12, .bold = true});
    canvas.text({0, -27}, "Bars: each alone; dots: all up to it",
                {.size = 8.5, .color = kQuietInk});
    draw_scree_panel(canvas, raw, "as they are", 0);
    draw_scree_panel(canvas, standard, "standardized", kPanelWidth + kPanelDistance);
  });
}

void draw_map(const fs::path& file, const std::string& title,
              const std::vector<NamedPoints>& kinds) {
  const MapScale scale(kinds);
  save_figure(file, [&](Canvas& canvas) {
    canvas.text({0, -18}, title, {.size = 12, .bold = true});
    for (std::size_t k = 0; k < kinds.size(); ++k)
      for (const MapPoint& point : kinds[k].points)
        canvas.dot(scale.at(point.x, point.y), 1.7, kinds[k].name.empty() ? kFaint : kind_color(k));
    for (std::size_t k = 0; k < kinds.size(); ++k)
      draw_name(canvas, kinds[k], scale, kind_color(k));
  });
}

void draw_pictures(const fs::path& file, const std::string& title,
                   const std::vector<std::string>& heads, const std::vector<PictureRow>& rows) {
  constexpr double kStep = kPictureSide + kPictureDistance, kNameWidth = 90;
  save_figure(file, [&](Canvas& canvas) {
    canvas.text({-kNameWidth, heads.empty() ? -18.0 : -32.0}, title, {.size = 12, .bold = true});
    for (std::size_t c = 0; c < heads.size(); ++c)
      canvas.text({kStep * static_cast<double>(c) + kPictureSide / 2, -10}, heads[c],
                  {.size = 8.5, .color = kQuietInk, .align = Align::center});
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double top = kStep * static_cast<double>(r);
      const TextStyle name{.size = 9, .align = Align::right};
      canvas.text({-8, top + kPictureSide / 2},
                  canvas.shortened(rows[r].name, name, kNameWidth - 8), name);
      for (std::size_t c = 0; c < rows[r].pictures.size(); ++c)
        canvas.picture({kStep * static_cast<double>(c), top, kPictureSide, kPictureSide},
                       rows[r].pictures[c]);
    }
  });
}

}  // namespace steelsight
