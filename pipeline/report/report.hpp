#pragma once
// The report that one predictions.csv gives: what the figures are, which images are behind them,
// and how much of it the model had seen in training.
//
//   const Report report = make_report(read_predictions("predictions.csv"), {.title = "NEU, test"});
//   write_report("report", report);      // pipeline/report/write_report.hpp
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "evaluation/calibration_report.hpp"
#include "evaluation/metrics.hpp"
#include "evaluation/predictions.hpp"
#include "evaluation/rejection.hpp"
#include "evaluation/training_log.hpp"

namespace steelsight {

// What the model has to do with an image already.
enum class Seen {
  unseen,
  trained,    // its weights were fitted to it
  validated,  // it took part in the choice of epoch or settings
};

// "unseen", "trained" or "validated".
const char* seen_name(Seen seen);

struct ReportContext {
  std::string title = "Classification report";
  std::vector<Seen> seen{};              // one a row of the predictions; empty: not known
  Json model{};                          // what to say of the model, an object; null: nothing
  std::vector<EpochLog> training_log{};  // empty: no learning curves
  std::optional<CalibrationReport> calibration{};
  std::string images_date{};  // when the images were taken, "2013-05-02"; empty: not known
};

struct PredictedCount {
  std::string name;
  std::size_t n = 0;
  double mean_confidence = 0;  // 0 for n = 0
};

struct ConfusedPair {
  std::string truth, predicted;
  std::size_t n = 0;
  std::size_t support = 0;  // images that are `truth`
};

struct WrongImage {
  std::size_t row = 0;  // row of the predictions
  std::string path, truth, predicted;
  float confidence = 0;
  std::optional<Seen> seen{};
};

struct UnreadableImage {
  std::string path, error;
};

struct SeenPart {
  Seen seen = Seen::unseen;
  std::size_t n_images = 0;  // all rows, also those without label and the unreadable ones
  Accuracy accuracy{};       // on its scored images
};

// The confidence from which on predictions may be accepted, for a rate of errors among them.
struct ErrorThreshold {
  double max_error = 0;
  std::optional<Acceptance> acceptance;  // nothing if no threshold reaches the rate
};

// n_images is the sum of the scored (metrics->accuracy.n), the unlabelled, the unreadable ones and
// those called unknown.
struct Report {
  std::string title;
  Predictions predictions;      // what all of this is of
  std::vector<Seen> seen_rows;  // one a row; empty: not known
  std::size_t n_images = 0;
  std::size_t n_unlabelled = 0;             // classified, but without label
  std::size_t n_errors = 0;                 // unreadable, with label or without
  std::size_t n_unknown = 0;                // called unknown, with label or without
  std::vector<PredictedCount> predicted;    // the model's classes in their order
  std::optional<Metrics> metrics;           // nothing if no image is scored
  std::vector<ConfusedPair> most_confused;  // the most frequent first, then in class order
  std::vector<WrongImage> wrong;            // the most confident first, then in the given order
  std::vector<UnreadableImage> unreadable;  // in the given order
  std::vector<SeenPart> seen;               // unseen, trained, validated; empty: not known
  Json model;
  std::vector<EpochLog> training_log;
  std::optional<CalibrationReport> calibration;
  std::string images_date;
  std::vector<Judged> judged;  // the scored images
  std::vector<ErrorThreshold> thresholds;
};

// Throws std::invalid_argument if context.seen has neither no entry nor one a row.
Report make_report(const Predictions& predictions, const ReportContext& context = {});

}  // namespace steelsight
