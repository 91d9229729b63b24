#include "pipeline/report/report_json.hpp"

#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json to_json(const PrecisionRecall& value) {
  return {{"precision", value.precision}, {"recall", value.recall}, {"f1", value.f1}};
}

Json to_json(const Interval& interval) {
  return {interval.low, interval.high};
}

Json to_json(const ClassMetrics& item) {
  return {{"class", to_utf8(item.name)},
          {"precision", item.precision},
          {"recall", item.recall},
          {"f1", item.f1},
          {"support", item.support},
          {"predicted", item.predicted},
          {"roc_auc", number_or_null(item.roc_auc)},
          {"average_precision", number_or_null(item.average_precision)},
          {"precision_ci95", to_json(item.precision_interval())},
          {"recall_ci95", to_json(item.recall_interval())},
          {"f1_ci95", to_json(item.f1_interval())}};
}

Json to_json(const ConfusedPair& pair) {
  return {{"true", to_utf8(pair.truth)},
          {"predicted", to_utf8(pair.predicted)},
          {"n", pair.n},
          {"support", pair.support}};
}

Json to_json(const PredictedCount& count) {
  return {{"class", to_utf8(count.name)},
          {"n", count.n},
          {"mean_confidence", count.n > 0 ? Json(count.mean_confidence) : Json()}};
}

// The confidence as predictions.csv has it: 0.8, not the float's 0.800000011920929.
Json to_json(const WrongImage& image) {
  Json json{{"path", to_utf8(image.path)},
            {"true", to_utf8(image.truth)},
            {"predicted", to_utf8(image.predicted)},
            {"confidence", *parse_number<double>(number_text(image.confidence))}};
  if (image.seen) json["seen"] = seen_name(*image.seen);
  return json;
}

Json to_json(const UnreadableImage& image) {
  return {{"path", to_utf8(image.path)}, {"error", to_utf8(image.error)}};
}

Json to_json(const SeenPart& part) {
  const bool scored = part.accuracy.n > 0;
  return {{"n_images", part.n_images},
          {"n", part.accuracy.n},
          {"n_correct", part.accuracy.correct},
          {"accuracy", scored ? Json(part.accuracy.value()) : Json()},
          {"accuracy_ci95", scored ? to_json(part.accuracy.interval()) : Json()}};
}

Json share_or_null(std::size_t part, std::size_t whole) {
  return whole == 0 ? Json() : Json(static_cast<double>(part) / static_cast<double>(whole));
}

Json to_json(const ConfidenceBin& bin) {
  return {{"low", bin.low},
          {"high", bin.high},
          {"n", bin.n},
          {"n_correct", bin.correct},
          {"mean_confidence", bin.n > 0 ? Json(bin.mean_confidence()) : Json()}};
}

Json to_json(const ErrorThreshold& item) {
  Json json{{"max_error", item.max_error}};
  if (!item.acceptance) return json;
  json["threshold"] = *parse_number<double>(number_text(item.acceptance->threshold));
  json["n_accepted"] = item.acceptance->accepted;
  json["coverage"] = item.acceptance->coverage();
  json["n_wrong"] = item.acceptance->wrong;
  json["error"] = item.acceptance->error();
  return json;
}

Json to_json(const AcceptedReport& accepted) {
  return {{"max_error", accepted.max_error},
          {"false_alarms", accepted.false_alarms},
          {"n", accepted.n},
          {"n_accepted", accepted.accepted},
          {"coverage", share_or_null(accepted.accepted, accepted.n)},
          {"n_wrong", accepted.wrong},
          {"error", share_or_null(accepted.wrong, accepted.accepted)},
          {"n_other", accepted.n_other},
          {"n_other_unknown", accepted.other_unknown},
          {"detection", share_or_null(accepted.other_unknown, accepted.n_other)}};
}

template <class T>
Json to_json(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(to_json(item));
  return list;
}

void add_metrics(Json& json, const Metrics& metrics) {
  Json classes = Json::array();
  for (const std::string& name : metrics.classes) classes.push_back(to_utf8(name));
  json["classes"] = classes;
  json["n_correct"] = metrics.accuracy.correct;
  json["accuracy"] = metrics.accuracy.value();
  json["accuracy_ci95"] = to_json(metrics.accuracy.interval());
  json["balanced_accuracy"] = metrics.balanced_accuracy;
  json["top2_accuracy"] = metrics.top2_accuracy;
  json["cohens_kappa"] = number_or_null(metrics.cohens_kappa);
  json["matthews_correlation"] = metrics.matthews_correlation;
  json["log_loss"] = metrics.log_loss;
  json["macro"] = to_json(metrics.macro);
  json["weighted"] = to_json(metrics.weighted);
  json["per_class"] = to_json(metrics.per_class);
  json["confusion_matrix"] = metrics.confusion;
}

}  // namespace

Json to_json(const CalibrationReport& report) {
  Json json{{"temperature", report.temperature},
            {"n", report.n},
            {"ece_before", report.ece_before},
            {"ece_after", report.ece_after}};
  if (report.accepted) json["accepted"] = to_json(*report.accepted);
  return json;
}

Json report_json(const Report& report) {
  Json json;
  json["title"] = to_utf8(report.title);
  json["n_images"] = report.n_images;
  json["n"] = report.metrics ? report.metrics->accuracy.n : 0;
  json["n_unlabelled"] = report.n_unlabelled;
  json["n_errors"] = report.n_errors;
  json["n_unknown"] = report.n_unknown;
  if (!report.seen.empty())
    for (const SeenPart& part : report.seen) json["seen"][seen_name(part.seen)] = to_json(part);
  if (report.metrics) {
    add_metrics(json, *report.metrics);
    json["most_confused"] = to_json(report.most_confused);
    json["calibration_error"] = expected_calibration_error(report.judged);
    json["confidence_bins"] = to_json(confidence_bins(report.judged));
    json["thresholds"] = to_json(report.thresholds);
  }
  if (report.calibration) json["calibration"] = to_json(*report.calibration);
  json["predicted"] = to_json(report.predicted);
  json["wrong"] = to_json(report.wrong);
  json["unreadable"] = to_json(report.unreadable);
  if (!report.images_date.empty()) json["images_date"] = report.images_date;
  if (!report.model.is_null()) json["model"] = report.model;
  return json;
}

}  // namespace steelsight
