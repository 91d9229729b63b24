#include "evaluation/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "evaluation/number_text.hpp"
#include "models/loss.hpp"

namespace steelsight {
namespace {

constexpr double kHighestInverse = 100, kLowestInverse = 0.01;

// The mean of the logits under softmax(inverse * logits).
double expected_logit(std::span<const float> row, double inverse) {
  const double largest = *std::ranges::max_element(row);
  double sum = 0, weighted = 0;
  for (const float logit : row) {
    const double weight = std::exp(inverse * (logit - largest));
    sum += weight;
    weighted += weight * logit;
  }
  return weighted / sum;
}

// The mean of the logits under the target.
double target_logit(std::span<const float> row, int label, double doubt) {
  double sum = 0;
  for (const float logit : row) sum += logit;
  return (1 - doubt) * row[static_cast<std::size_t>(label)] +
         doubt * sum / static_cast<double>(row.size());
}

void check_rows(std::span<const float> logits, std::span<const int> labels) {
  const std::size_t classes = labels.empty() ? 0 : logits.size() / labels.size();
  if (classes * labels.size() != logits.size() || (classes == 0 && !labels.empty()))
    throw std::invalid_argument("fit_temperature: " + std::to_string(logits.size()) +
                                " logits for " + std::to_string(labels.size()) + " labels");
  for (const int label : labels)
    if (label < 0 || !std::cmp_less(label, classes))
      throw std::invalid_argument("fit_temperature: label " + std::to_string(label) + " of " +
                                  std::to_string(classes) + " classes");
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); }))
    throw std::invalid_argument("fit_temperature: a logit is not finite");
}

// The double with the digits of the float: 0.8, not 0.800000011920929.
double short_double(float value) {
  return *parse_number<double>(number_text(value));
}

Json to_json(const std::vector<float>& values) {
  Json list = Json::array();
  for (const float value : values) list.push_back(short_double(value));
  return list;
}

void check_range(const char* key, double value, double low, double high) {
  if (!(value >= low && value <= high))
    throw ConfigError("/calibration/" + std::string(key) + " is " + number_text(value) +
                      ", expected " + number_text(low) + " to " + number_text(high));
}

std::vector<Judged> judge(const Validated& validated, double temperature) {
  const std::size_t classes = validated.logits.size() / validated.labels.size();
  std::vector<Judged> judged;
  for (std::size_t i = 0; i < validated.labels.size(); ++i) {
    const std::vector<float> probabilities =
        calibrated(std::span(validated.logits).subspan(i * classes, classes), temperature);
    const int best = argmax(probabilities);
    judged.push_back({probabilities[static_cast<std::size_t>(best)], best == validated.labels[i]});
  }
  return judged;
}

}  // namespace

double fit_temperature(std::span<const float> logits, std::span<const int> labels) {
  check_rows(logits, labels);
  if (labels.empty()) return 1;
  const std::size_t classes = logits.size() / labels.size();
  const double doubt = 1.0 / (static_cast<double>(labels.size()) + 1);
  // d(cross-entropy)/d(1/T), which grows with 1/T.
  const auto slope = [&](double inverse) {
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::span<const float> row = logits.subspan(i * classes, classes);
      sum += expected_logit(row, inverse) - target_logit(row, labels[i], doubt);
    }
    return sum;
  };
  if (slope(1) == 0) return 1;  // logits that say nothing
  double low = kLowestInverse, high = kHighestInverse;
  constexpr int kHalvings = 60;  // halvings of the logarithm's interval: to the last bit
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = std::sqrt(low * high);
    (slope(middle) < 0 ? low : high) = middle;
  }
  return 1 / std::sqrt(low * high);
}

std::vector<float> calibrated(std::span<const float> logits, double temperature) {
  std::vector<float> probabilities(logits.begin(), logits.end());
  for (float& logit : probabilities) logit = static_cast<float>(logit / temperature);
  softmax(probabilities, probabilities.size(), probabilities);
  return probabilities;
}

Calibration calibrate(Validated validated) {
  if (validated.labels.empty()) throw std::invalid_argument("calibrate: there are no labels");
  Calibration calibration{.temperature = fit_temperature(validated.logits, validated.labels),
                          .judged = {},
                          .distances = std::move(validated.distances)};
  calibration.ece_before = expected_calibration_error(judge(validated, 1));
  calibration.judged = judge(validated, calibration.temperature);
  calibration.ece_after = expected_calibration_error(calibration.judged);
  std::ranges::stable_sort(calibration.judged, std::ranges::greater{}, &Judged::confidence);
  std::ranges::sort(calibration.distances);
  return calibration;
}

Json to_json(const Calibration& calibration) {
  std::vector<float> right, wrong;
  for (const Judged& image : calibration.judged)
    (image.correct ? right : wrong).push_back(image.confidence);
  return Json{{"temperature", calibration.temperature},
              {"ece_before", calibration.ece_before},
              {"ece_after", calibration.ece_after},
              {"right", to_json(right)},
              {"wrong", to_json(wrong)},
              {"distances", to_json(calibration.distances)}};
}

std::optional<Calibration> calibration_from_json(const Json& json) {
  if (json.empty()) return std::nullopt;
  JsonObject object(json, "/calibration");
  Calibration calibration{.temperature = object.require<double>("temperature"),
                          .ece_before = object.require<double>("ece_before"),
                          .ece_after = object.require<double>("ece_after"),
                          .judged = {},
                          .distances = object.require<std::vector<float>>("distances")};
  for (const bool correct : {true, false})
    for (const float confidence : object.require<std::vector<float>>(correct ? "right" : "wrong")) {
      check_range(correct ? "right" : "wrong", static_cast<double>(confidence), 0, 1);
      calibration.judged.push_back({confidence, correct});
    }
  object.finish();
  check_range("temperature", calibration.temperature, 1 / kHighestInverse, 1 / kLowestInverse);
  check_range("ece_before", calibration.ece_before, 0, 1);
  check_range("ece_after", calibration.ece_after, 0, 1);
  std::ranges::stable_sort(calibration.judged, std::ranges::greater{}, &Judged::confidence);
  std::ranges::sort(calibration.distances);
  return calibration;
}

}  // namespace steelsight
