#include "pipeline/report/report_figures.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/figures/figure.hpp"

namespace steelsight {
namespace {

struct NamedFigure {
  std::string name;                           // the file's, without extension
  bool is_there = false;                      // in this report
  std::function<void(const fs::path&)> draw;  // if it is
};

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

ClassCurve roc_curve(const ClassMetrics& item, const std::vector<RankPoint>& ranking) {
  ClassCurve curve{.name = item.name, .points = {{0, 0}}, .area = item.roc_auc};
  for (const RankPoint& point : ranking)
    curve.points.push_back({share(point.negatives, ranking.back().negatives),
                            share(point.positives, ranking.back().positives)});
  return curve;
}

// Begins at recall 0 with the precision of the first threshold, as nothing is known below.
ClassCurve precision_recall_curve(const ClassMetrics& item, const std::vector<RankPoint>& ranking) {
  ClassCurve curve{.name = item.name, .points = {}, .area = item.average_precision};
  for (const RankPoint& point : ranking) {
    const double precision = share(point.positives, point.positives + point.negatives);
    if (curve.points.empty()) curve.points.push_back({0, precision});
    curve.points.push_back({share(point.positives, ranking.back().positives), precision});
  }
  return curve;
}

struct Curves {
  std::vector<ClassCurve> roc, precision_recall;
};

// The curves of classes that have images, where there are images of other classes too.
Curves curves_of(const Report& report) {
  Curves curves;
  const auto by_area = [](const ClassCurve& a, const ClassCurve& b) { return *a.area < *b.area; };
  const Metrics& metrics = *report.metrics;
  std::vector<std::size_t> classes;
  for (std::size_t k = 0; k < metrics.classes.size(); ++k)
    if (metrics.per_class[k].roc_auc) classes.push_back(k);
  for (const std::size_t k : classes) {
    const std::vector<RankPoint> ranking = class_ranking(report.predictions, k);
    curves.roc.push_back(roc_curve(metrics.per_class[k], ranking));
    curves.precision_recall.push_back(precision_recall_curve(metrics.per_class[k], ranking));
  }
  for (std::vector<ClassCurve>* list : {&curves.roc, &curves.precision_recall})
    if (list->size() > kMostCurves) {
      std::ranges::stable_sort(*list, by_area);
      list->resize(kMostCurves);
    }
  return curves;
}

}  // namespace

void write_figures(const fs::path& folder, const Report& report) {
  const bool scored = report.metrics.has_value();
  const Curves curves = scored ? curves_of(report) : Curves{};
  const auto drawn = [](auto draw, const auto& what) {
    return [draw, &what](const fs::path& file) { draw(file, what); };
  };
  const std::vector<NamedFigure> figures = {
      {"confusion_matrix", scored,
       [&](const fs::path& file) { draw_confusion_matrix(file, *report.metrics); }},
      {"roc_curves", !curves.roc.empty(), drawn(draw_roc_curves, curves.roc)},
      {"precision_recall_curves", !curves.precision_recall.empty(),
       drawn(draw_precision_recall_curves, curves.precision_recall)},
      {"reliability", scored, drawn(draw_reliability, report.judged)},
      {"coverage", scored, drawn(draw_coverage, report.judged)},
      {"confidences", scored, drawn(draw_confidences, report.judged)},
      {"learning_curves", !report.training_log.empty(),
       drawn(draw_learning_curves, report.training_log)},
  };
  for (const NamedFigure& figure : figures)
    for (const char* extension : {".png", ".svg", ".pdf"}) {
      const fs::path file = folder / (figure.name + extension);
      boost::system::error_code error;
      if (figure.is_there)
        figure.draw(file);
      else if (!fs::remove(file, error) && error)
        throw FileError(file.string() + ": can't be removed: " + error.message());
    }
}

}  // namespace steelsight
