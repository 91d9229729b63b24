#include "pipeline/report/write_report.hpp"

#include <initializer_list>

#include "core/atomic_file.hpp"
#include "datasets/csv.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/report/report_figures.hpp"
#include "pipeline/report/report_json.hpp"
#include "pipeline/report/report_markdown.hpp"
#include "pipeline/report/report_page.hpp"

namespace steelsight {
namespace {

std::string text_or_empty(const std::optional<double>& value) {
  return value ? number_text(*value) : "";
}

std::string per_class_csv(const Metrics& metrics) {
  std::string text = csv_row({"class", "precision", "recall", "f1", "support", "predicted",
                              "roc_auc", "average_precision"});
  for (const ClassMetrics& item : metrics.per_class)
    text += csv_row({text_cell(item.name), number_text(item.precision), number_text(item.recall),
                     number_text(item.f1), number_text(item.support), number_text(item.predicted),
                     text_or_empty(item.roc_auc), text_or_empty(item.average_precision)});
  return text;
}

// The first column has the true class, the others are headed by the predicted one.
std::string confusion_matrix_csv(const Metrics& metrics) {
  std::vector<std::string> cells = {"true\\predicted"};
  for (const std::string& name : metrics.classes) cells.push_back(text_cell(name));
  std::string text = csv_row(cells);
  for (std::size_t t = 0; t < metrics.classes.size(); ++t) {
    cells = {text_cell(metrics.classes[t])};
    for (const std::size_t count : metrics.confusion[t]) cells.push_back(number_text(count));
    text += csv_row(cells);
  }
  return text;
}

void remove_files(const fs::path& folder, std::initializer_list<std::string> names) {
  boost::system::error_code error;
  for (const std::string& name : names)
    if (!fs::remove(folder / name, error) && error)
      throw FileError((folder / name).string() + ": can't be removed: " + error.message());
}

}  // namespace

void write_report(const fs::path& folder, const Report& report, const ReportImages& images) {
  write_figures(folder, report);
  if (report.metrics) {
    write_file(folder / "per_class.csv", per_class_csv(*report.metrics));
    write_file(folder / "confusion_matrix.csv", confusion_matrix_csv(*report.metrics));
  } else {
    remove_files(folder, {"per_class.csv", "confusion_matrix.csv"});
  }
  write_file(folder / "report.md", report_markdown(report));
  write_file(folder / "report.html", report_page(report, images, folder));
  // Last: where it is, the rest is.
  write_file(folder / "report.json",
             report_json(report).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace steelsight
