#pragma once
// Sentences that report.md and report.html have in common, as plain text.
#include <string>
#include <utility>
#include <vector>

#include "pipeline/report/report.hpp"

namespace steelsight {

// "97.1 % to 99.0 %"
std::string interval_text(const Interval& interval);

// What must be said before any figure: how much of this the model knew already. Of a report that
// knows it (seen is not empty).
std::string seen_sentence(const Report& report);

// Whether the model has seen some of the images.
bool knows_seen_images(const Report& report);

// What would be named and what called unknown, with the thresholds that were asked for.
std::string accepted_sentence(const AcceptedReport& accepted);

// Labels of classes that the model does not have, with commas between; empty if there are none.
// For a report with metrics.
std::string unknown_labels(const Report& report);

// Key and value of what the model says of itself, its layers apart; nested values as lists of keys
// and values.
std::vector<std::pair<std::string, std::string>> model_facts(const Json& model);

}  // namespace steelsight
