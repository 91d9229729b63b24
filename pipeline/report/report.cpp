#include "pipeline/report/report.hpp"

#include <algorithm>
#include <stdexcept>

namespace steelsight {
namespace {

std::vector<PredictedCount> count_predicted(const Predictions& predictions) {
  std::vector<PredictedCount> counts;
  for (const std::string& name : predictions.class_names) {
    PredictedCount count{.name = name};
    for (const Prediction& row : predictions.rows) {
      if (!row.error.empty() || row.prediction != name) continue;
      ++count.n;
      count.mean_confidence += static_cast<double>(row.confidence);
    }
    if (count.n > 0) count.mean_confidence /= static_cast<double>(count.n);
    counts.push_back(count);
  }
  return counts;
}

std::vector<ConfusedPair> confused_pairs(const Metrics& metrics) {
  std::vector<ConfusedPair> pairs;
  for (std::size_t t = 0; t < metrics.classes.size(); ++t)
    for (std::size_t p = 0; p < metrics.classes.size(); ++p)
      if (t != p && metrics.confusion[t][p] > 0)
        pairs.push_back({metrics.classes[t], metrics.classes[p], metrics.confusion[t][p],
                         metrics.per_class[t].support});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const ConfusedPair& a, const ConfusedPair& b) { return a.n > b.n; });
  return pairs;
}

void list_images(const Predictions& predictions, const std::vector<Seen>& seen, Report& report) {
  for (std::size_t i = 0; i < predictions.rows.size(); ++i) {
    const Prediction& row = predictions.rows[i];
    if (!row.error.empty()) {
      report.unreadable.push_back({row.path, row.error});
    } else if (is_scored(row, predictions.class_names) && row.label != row.prediction) {
      report.wrong.push_back({.row = i,
                              .path = row.path,
                              .truth = row.label,
                              .predicted = row.prediction,
                              .confidence = row.confidence,
                              .seen = seen.empty() ? std::nullopt : std::optional(seen[i])});
    }
  }
  std::stable_sort(
      report.wrong.begin(), report.wrong.end(),
      [](const WrongImage& a, const WrongImage& b) { return a.confidence > b.confidence; });
}

std::vector<Judged> judge(const Predictions& predictions) {
  std::vector<Judged> judged;
  for (const Prediction& row : predictions.rows)
    if (is_scored(row, predictions.class_names))
      judged.push_back({row.confidence, row.label == row.prediction});
  return judged;
}

std::vector<ErrorThreshold> thresholds_of(const std::vector<Judged>& judged) {
  std::vector<ErrorThreshold> thresholds;
  for (const double max_error : {0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05})
    thresholds.push_back({max_error, accept_up_to_error(judged, max_error)});
  return thresholds;
}

std::vector<SeenPart> split_by_seen(const Predictions& predictions, const std::vector<Seen>& seen) {
  std::vector<SeenPart> parts;
  for (const Seen which : {Seen::unseen, Seen::trained, Seen::validated}) {
    SeenPart part{.seen = which};
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] != which) continue;
      const Prediction& row = predictions.rows[i];
      ++part.n_images;
      if (!is_scored(row, predictions.class_names)) continue;
      ++part.accuracy.n;
      part.accuracy.correct += row.label == row.prediction;
    }
    parts.push_back(part);
  }
  return parts;
}

}  // namespace

const char* seen_name(Seen seen) {
  switch (seen) {
    case Seen::trained:
      return "trained";
    case Seen::validated:
      return "validated";
    case Seen::unseen:
      break;
  }
  return "unseen";
}

Report make_report(const Predictions& predictions, const ReportContext& context) {
  const std::size_t rows = predictions.rows.size();
  if (!context.seen.empty() && context.seen.size() != rows)
    throw std::invalid_argument("make_report: seen has " + std::to_string(context.seen.size()) +
                                " entries, expected one for each of " + std::to_string(rows) +
                                " rows");
  Report report;
  report.title = context.title;
  report.n_images = rows;
  report.model = context.model;
  report.training_log = context.training_log;
  report.calibration = context.calibration;
  report.images_date = context.images_date;
  report.predictions = predictions;
  report.seen_rows = context.seen;
  report.predicted = count_predicted(predictions);
  std::size_t scored = 0;
  for (const Prediction& row : predictions.rows) {
    scored += is_scored(row, predictions.class_names);
    report.n_errors += !row.error.empty();
    report.n_unknown += is_unknown(row, predictions.class_names);
  }
  report.n_unlabelled = rows - scored - report.n_errors - report.n_unknown;
  if (scored > 0) {
    report.metrics = compute_metrics(predictions);
    report.most_confused = confused_pairs(*report.metrics);
    report.judged = judge(predictions);
    report.thresholds = thresholds_of(report.judged);
  }
  list_images(predictions, context.seen, report);
  if (!context.seen.empty()) report.seen = split_by_seen(predictions, context.seen);
  return report;
}

}  // namespace steelsight
