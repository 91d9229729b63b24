#include "pipeline/report/report_page.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/report/base64.hpp"
#include "pipeline/report/gallery.hpp"
#include "pipeline/report/page.hpp"
#include "pipeline/report/page_data.hpp"
#include "pipeline/report/page_files.hpp"
#include "pipeline/report/report_figures.hpp"
#include "pipeline/report/report_text.hpp"

namespace steelsight {
namespace {

using kainjow::mustache::data;

constexpr std::size_t kMostUnreadable = 200;
constexpr std::size_t kMostMatrixClasses = 40;  // beyond, the figure stands for the table

std::string share_text(std::size_t part, std::size_t whole) {
  return whole == 0 ? "" : percent_text(static_cast<double>(part) / static_cast<double>(whole));
}

std::string area_text(const std::optional<double>& area) {
  return area ? fixed_text(*area, 4) : "not defined";
}

std::string preprocessing_text(const Json& p) {
  if (!p.is_object() || !p.contains("width") || !p.contains("height")) return "";
  std::string text = p.at("width").dump() + " x " + p.at("height").dump() + " pixels";
  for (const char* key : {"channel_order", "interpolation"})
    if (p.contains(key) && p.at(key).is_string()) text += ", " + p.at(key).get<std::string>();
  return text + (p.value("standardize", false) ? ", standardized" : "");
}

data facts(const Report& report) {
  data list{data::type::list};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) list.push_back(named_value(name, value));
  };
  if (report.model.is_object()) {
    add("model", report.model.value("file", ""));
    add("preprocessing", preprocessing_text(report.model.value("preprocessing", Json())));
    const Json training = report.model.value("training", Json::object());
    if (training.contains("seed")) add("seed", training.at("seed").dump());
  }
  add("date of the image files", report.images_date);
  return list;
}

data stats(const Report& report) {
  data list{data::type::list};
  const auto count = [&](const std::string& name, std::size_t n, bool always) {
    if (n > 0 || always) list.push_back(named_value(name, number_text(n)));
  };
  if (report.metrics)
    list.push_back(named_value("macro F1", percent_text(report.metrics->macro.f1)));
  count("images", report.n_images, true);
  if (report.metrics) count("wrong", report.wrong.size(), true);
  count("without label", report.n_unlabelled, false);
  count("called unknown", report.n_unknown, false);
  count("unreadable", report.n_errors, false);
  return list;
}

data matrix_cell(const Report& report, std::size_t t, std::size_t p) {
  const Metrics& metrics = *report.metrics;
  const std::size_t count = metrics.confusion[t][p], support = metrics.per_class[t].support;
  const double share = support == 0 ? 0 : static_cast<double>(count) / static_cast<double>(support);
  data cell{"share", fixed_text(share, 3)};
  cell.set("kind", count == 0
                       ? "none"
                       : std::string(t == p ? "right" : "wrong") + (share > 0.5 ? " strong" : ""));
  if (count == 0) return cell;
  cell.set("count", number_text(count));
  cell.set("percent", percent_text(share));
  cell.set("truth", to_utf8(metrics.classes[t]));
  cell.set("predicted", to_utf8(metrics.classes[p]));
  cell.set("t", number_text(t));
  cell.set("p", number_text(p));
  return cell;
}

data matrix(const Report& report) {
  const Metrics& metrics = *report.metrics;
  data result{"columns", number_text(metrics.classes.size())};
  result.set("names", list_of(metrics.classes, [](const std::string& name, std::size_t) {
               return data{"name", to_utf8(name)};
             }));
  result.set("rows", list_of(metrics.classes, [&](const std::string& name, std::size_t t) {
               data row{"name", to_utf8(name)};
               row.set("support", number_text(metrics.per_class[t].support));
               row.set("cells", list_of(metrics.classes, [&](const std::string&, std::size_t p) {
                         return matrix_cell(report, t, p);
                       }));
               return row;
             }));
  return result;
}

std::size_t position_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

data pairs(const Report& report) {
  const std::size_t shown = std::min(report.most_confused.size(), kMostPairs);
  const std::span<const ConfusedPair> most(report.most_confused.data(), shown);
  return list_of(most, [&](const ConfusedPair& pair, std::size_t) {
    data row{"truth", to_utf8(pair.truth)};
    row.set("predicted", to_utf8(pair.predicted));
    row.set("n", number_text(pair.n));
    row.set("share", share_text(pair.n, pair.support));
    row.set("t", number_text(position_of(report.metrics->classes, pair.truth)));
    row.set("p", number_text(position_of(report.metrics->classes, pair.predicted)));
    return row;
  });
}

data class_row(const ClassMetrics& item, std::size_t) {
  data row{"name", to_utf8(item.name)};
  row.set("precision", percent_text(item.precision));
  row.set("precision_interval", interval_text(item.precision_interval()));
  row.set("recall", percent_text(item.recall));
  row.set("recall_interval", interval_text(item.recall_interval()));
  row.set("f1", percent_text(item.f1));
  row.set("f1_interval", interval_text(item.f1_interval()));
  row.set("support", number_text(item.support));
  row.set("predicted", number_text(item.predicted));
  row.set("roc_auc", area_text(item.roc_auc));
  row.set("average_precision", area_text(item.average_precision));
  return row;
}

data measures(const Metrics& metrics) {
  data list{data::type::list};
  list.push_back(named_value("balanced accuracy", percent_text(metrics.balanced_accuracy)));
  list.push_back(named_value("top-2 accuracy", percent_text(metrics.top2_accuracy)));
  list.push_back(named_value("Cohen's kappa", metrics.cohens_kappa
                                                  ? fixed_text(*metrics.cohens_kappa, 3)
                                                  : "not defined"));
  list.push_back(named_value("Matthews correlation", fixed_text(metrics.matthews_correlation, 3)));
  list.push_back(named_value("log loss", fixed_text(metrics.log_loss, 4)));
  return list;
}

data threshold_row(const ErrorThreshold& threshold, std::size_t) {
  data row{"max_error", percent_text(threshold.max_error)};
  if (!threshold.acceptance) {
    row.set("threshold", "none reaches it");
    return row;
  }
  const Acceptance& acceptance = *threshold.acceptance;
  row.set("threshold", acceptance.threshold > 0
                           ? percent_text(static_cast<double>(acceptance.threshold), 2)
                           : "any");
  row.set("accepted", number_text(acceptance.accepted));
  row.set("coverage", percent_text(acceptance.coverage()));
  row.set("wrong", number_text(acceptance.wrong));
  row.set("error", percent_text(acceptance.error(), 2));
  return row;
}

std::string calibration_text(const CalibrationReport& calibration) {
  std::string text = "Without the model's temperature of " +
                     fixed_text(calibration.temperature, 3) + " it would be " +
                     percent_text(calibration.ece_before, 2) + ".";
  if (calibration.accepted) text += " " + accepted_sentence(*calibration.accepted);
  return text;
}

void set_figures(data& result, const Report& report, const fs::path& figures) {
  result.set("reliability_figure", figure_uri(figures, "reliability"));
  result.set("coverage_figure", figure_uri(figures, "coverage"));
  result.set("confidences_figure", figure_uri(figures, "confidences"));
  const auto has_area = [](const ClassMetrics& item) { return item.roc_auc.has_value(); };
  const auto curves = std::ranges::count_if(report.metrics->per_class, has_area);
  if (curves == 0) return;
  data shown{"roc_figure", figure_uri(figures, "roc_curves")};
  shown.set("precision_recall_figure", figure_uri(figures, "precision_recall_curves"));
  if (curves > static_cast<std::ptrdiff_t>(kMostCurves))
    shown.set("left_out", "Shown are the " + number_text(kMostCurves) +
                              " classes with the smallest areas, of " + number_text(curves) + ".");
  result.set("curves", shown);
}

data scored(const Report& report, const fs::path& figures) {
  const Metrics& metrics = *report.metrics;
  data result{"accuracy", percent_text(metrics.accuracy.value())};
  result.set("on_all", knows_seen_images(report) ? " on all, also on images it has seen" : "");
  result.set("correct", number_text(metrics.accuracy.correct));
  result.set("n", number_text(metrics.accuracy.n));
  result.set("accuracy_interval", interval_text(metrics.accuracy.interval()));
  if (metrics.classes.size() <= kMostMatrixClasses)
    result.set("matrix", matrix(report));
  else
    result.set("confusion_figure", figure_uri(figures, "confusion_matrix"));
  result.set("has_pairs", !report.most_confused.empty());
  result.set("pairs", pairs(report));
  result.set("classes", list_of(metrics.per_class, class_row));
  set_averages(result, "macro", metrics.macro);
  set_averages(result, "weighted", metrics.weighted);
  const auto is_undefined = [](const ClassMetrics& item) {
    return item.support == 0 || item.predicted == 0;
  };
  result.set("has_undefined", std::ranges::any_of(metrics.per_class, is_undefined));
  set_text(result, "unknown_labels", unknown_labels(report));
  result.set("measures", measures(metrics));
  result.set("ece", percent_text(expected_calibration_error(report.judged), 2));
  if (report.calibration) set_text(result, "calibration", calibration_text(*report.calibration));
  result.set("thresholds", list_of(report.thresholds, threshold_row));
  set_figures(result, report, figures);
  return result;
}

data card(const Report& report, const ReportImages& images, std::size_t row) {
  const Prediction& prediction = report.predictions.rows[row];
  const bool is_wrong = !prediction.label.empty() && prediction.label != prediction.prediction;
  data result{"row", number_text(row)};
  result.set("truth", to_utf8(prediction.label.empty() ? prediction.prediction : prediction.label));
  if (is_wrong) result.set("taken_for", to_utf8(prediction.prediction));
  result.set("confidence", percent_text(static_cast<double>(prediction.confidence)));
  result.set("file", to_utf8(fs::path(prediction.path).filename().string()));
  const auto set_image = [&](const char* name, const std::map<std::size_t, std::string>& jpegs) {
    if (const auto found = jpegs.find(row); found != jpegs.end())
      result.set(name, data_uri("image/jpeg", found->second));
  };
  set_image("image", images.thumbnails);
  set_image("explanation", images.explanations);
  return result;
}

void set_gallery(data& page, const Report& report, const ReportImages& images,
                 const Gallery& gallery) {
  const auto cards = [&](const std::vector<std::size_t>& rows) {
    return list_of(rows, [&](std::size_t row, std::size_t) { return card(report, images, row); });
  };
  const std::size_t errors = gallery.errors.size();
  page.set("no_images", images.thumbnails.empty() && report.n_images > report.n_errors);
  page.set("has_errors", errors > 0);
  page.set("errors", cards(gallery.errors));
  page.set("errors_text",
           (errors < report.wrong.size() ? "The " + number_text(errors) + " most confident ones of "
                                         : "All ") +
               number_text(report.wrong.size()) + ", the worst first.");
  set_text(page, "explained", images.explained_by);
  page.set("has_samples", !gallery.samples.empty());
  page.set("samples", list_of(gallery.samples, [&](const Gallery::Sample& sample, std::size_t) {
             data result{"name", to_utf8(sample.name)};
             result.set("cards", cards(sample.rows));
             return result;
           }));
}

void set_unreadable(data& page, const Report& report) {
  const std::size_t shown = std::min(report.unreadable.size(), kMostUnreadable);
  page.set("has_unreadable", shown > 0);
  page.set("unreadable", list_of(std::span(report.unreadable.data(), shown),
                                 [](const UnreadableImage& image, std::size_t) {
                                   data row{"path", to_utf8(image.path)};
                                   row.set("error", to_utf8(image.error));
                                   return row;
                                 }));
  if (shown < report.unreadable.size())
    page.set("more_unreadable",
             "and " + number_text(report.unreadable.size() - shown) + " more, in report.json.");
}

void set_model(data& page, const Json& model) {
  const auto facts = model_facts(model);
  page.set("has_model", !facts.empty());
  page.set("model", list_of(facts, [](const auto& fact, std::size_t) {
             return named_value(fact.first, fact.second);
           }));
  if (!model.is_object() || !model.contains("network")) return;
  const Json& layers = model.at("network");
  page.set("has_layers", true);
  page.set("layer_count", number_text(layers.size()));
  page.set("layers", list_of(layers, [](const Json& layer, std::size_t) {
             data row{"name", to_utf8(layer.at("name").get<std::string>())};
             row.set("type", layer.at("type").get<std::string>());
             row.set("output", layer.at("output").get<std::string>());
             row.set("parameters", layer.at("parameters").dump());
             return row;
           }));
}

}  // namespace

std::string report_page(const Report& report, const ReportImages& images, const fs::path& figures) {
  const Gallery gallery = choose_gallery(report);
  const std::string rows = page_data(report, images, gallery);
  data page{"title", to_utf8(report.title)};
  if (!report.seen.empty())
    page.set(knows_seen_images(report) ? "warning" : "remark", seen_sentence(report));
  if (report.metrics) page.set("scored", scored(report, figures));
  page.set("stats", stats(report));
  page.set("facts", facts(report));
  page.set("predicted", list_of(report.predicted, [](const PredictedCount& count, std::size_t) {
             data row{"name", to_utf8(count.name)};
             row.set("n", number_text(count.n));
             row.set("confidence", count.n > 0 ? percent_text(count.mean_confidence) : "");
             return row;
           }));
  if (!report.training_log.empty())
    page.set("training", data{"figure", figure_uri(figures, "learning_curves")});
  set_gallery(page, report, images, gallery);
  set_unreadable(page, report);
  set_model(page, report.model);
  page.set("data", rows);
  return render_page(kReportTemplate, kReportScript, std::move(page), rows);
}

}  // namespace steelsight
