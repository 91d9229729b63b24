// The ROC and precision-recall curves of figure.hpp.
#include <algorithm>
#include <stdexcept>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/color_scale.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/figure.hpp"
#include "pipeline/figures/plot.hpp"

namespace steelsight {
namespace {

constexpr double kSide = 118;           // width and height of a panel
constexpr double kColumnDistance = 46;  // between panels, with room for tick labels
constexpr double kRowDistance = 56;
constexpr std::size_t kMostColumns = 4;

struct Look {
  std::string title, x_name, y_name;
  std::string area_name;
  bool has_diagonal = false;  // what guessing gives
};

void draw_panel(Canvas& canvas, const Plot& plot, const ClassCurve& curve, const Look& look) {
  plot.draw_axes(canvas);
  if (look.has_diagonal) canvas.dashed_line({plot.at(0, 0), plot.at(1, 1)}, kQuietInk, 0.6);
  canvas.line(plot.line(curve.points), kBlue, 1.6);
  const std::string area =
      curve.area ? look.area_name + " " + fixed_text(*curve.area, 4) : "not defined";
  const TextStyle quiet{.size = 8, .color = kQuietInk, .align = Align::right};
  const TextStyle bold{.size = 9, .bold = true};
  const double room = kSide - canvas.text_width(area, quiet) - 6;
  canvas.text({plot.box.x, plot.box.y - 9}, canvas.shortened(curve.name, bold, room), bold);
  canvas.text({plot.box.x + kSide, plot.box.y - 9}, area, quiet);
}

// Panels in rows, each class alone: curves of good models lie on each other, and many colours can't
// be told apart.
void draw_panels(const fs::path& file, const std::vector<ClassCurve>& curves, const Look& look) {
  if (curves.empty()) throw std::invalid_argument(look.title + ": there are no curves to draw");
  const std::size_t columns = curves.size() <= 3   ? curves.size()
                              : curves.size() <= 6 ? 3
                                                   : kMostColumns;
  save_figure(file, [&](Canvas& canvas) {
    canvas.text({0, -38}, look.title, {.size = 12, .bold = true});
    for (std::size_t i = 0; i < curves.size(); ++i) {
      const bool is_lowest = i + columns >= curves.size();
      const auto column = static_cast<double>(i % columns);
      const auto row = static_cast<double>(i / columns);
      draw_panel(
          canvas,
          {.box = {column * (kSide + kColumnDistance), row * (kSide + kRowDistance), kSide, kSide},
           .x = {.name = is_lowest ? look.x_name : ""},
           .y = {.name = i % columns == 0 ? look.y_name : ""}},
          curves[i], look);
    }
  });
}

}  // namespace

void draw_roc_curves(const fs::path& file, const std::vector<ClassCurve>& curves) {
  draw_panels(file, curves,
              {.title = "ROC: each class against the rest",
               .x_name = "false positive rate",
               .y_name = "true positive rate",
               .area_name = "area",
               .has_diagonal = true});
}

void draw_precision_recall_curves(const fs::path& file, const std::vector<ClassCurve>& curves) {
  draw_panels(file, curves,
              {.title = "Precision and recall of each class",
               .x_name = "recall",
               .y_name = "precision",
               .area_name = "area"});
}

}  // namespace steelsight
