#pragma once
// report.json: the report for programs.
#include "core/json_object.hpp"
#include "pipeline/report/report.hpp"

namespace steelsight {

// All shares are in [0, 1], unrounded; what is not defined is null. Always there: title, n_images,
// n (scored), n_unlabelled, n_errors, n_unknown, predicted, wrong, unreadable. With scored images:
// classes, accuracy, accuracy_ci95 ([low, high]), confusion_matrix (rows true, columns predicted),
// per_class, macro, weighted, balanced_accuracy, cohens_kappa, matthews_correlation, top2_accuracy,
// log_loss, most_confused, calibration_error, confidence_bins, thresholds (those of a rate that
// cannot be reached have max_error alone). If known: seen, calibration, images_date, model. Bytes
// of paths that are not UTF-8 are written as \xNN.
Json report_json(const Report& report);

}  // namespace steelsight
