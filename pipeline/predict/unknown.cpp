#include "pipeline/predict/unknown.hpp"

#include "core/value_checks.hpp"
#include "evaluation/metrics.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

std::string number_of_images(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " image" : " images");
}

Acceptance choose_acceptance(const Calibration& calibration, double max_error) {
  const std::optional<Acceptance> chosen = accept_up_to_error(calibration.judged, max_error);
  if (chosen) return *chosen;
  const std::optional<Acceptance> least = least_error(calibration.judged);
  throw ConfigError(
      "max_error " + number_text(max_error) + " can't be reached: of the model's " +
      number_of_images(calibration.judged.size()) + " of validation " +
      (least ? "the most confident are wrong at a rate of " + percent_text(least->error(), 2)
             : "none could be read"));
}

void limit_confidence(UnknownRule& rule, const std::optional<Calibration>& calibration,
                      double max_error) {
  if (!calibration)
    throw ConfigError(
        "max_error needs validation images to choose a confidence by, and this model was trained "
        "without: train it with --validation");
  const Acceptance chosen = choose_acceptance(*calibration, max_error);
  const Interval interval = wilson_interval(chosen.wrong, chosen.accepted);
  rule.least_confidence = chosen.threshold;
  rule.notes.push_back("accepted from a confidence of " + percent_text(chosen.threshold, 2) +
                       " on: " + percent_text(chosen.coverage()) + " of the validation images, " +
                       std::to_string(chosen.wrong) + " of these " +
                       std::to_string(chosen.accepted) + " wrong (95 % interval " +
                       percent_text(interval.low) + " to " + percent_text(interval.high) + ")");
}

void limit_distance(UnknownRule& rule, const Model& model,
                    const std::optional<Calibration>& calibration, double false_alarms) {
  constexpr const char* kBlind = "images of something else can't be told: ";
  if (model.memory.empty()) {
    rule.notes.push_back(std::string(kBlind) + "the model has no memory of its features");
    return;
  }
  const std::size_t n = calibration ? calibration->distances.size() : 0;
  const std::optional<float> threshold =
      calibration ? novelty_threshold(calibration->distances, false_alarms) : std::nullopt;
  if (!threshold) {
    rule.notes.push_back(std::string(kBlind) + number_of_images(n) + " of validation can promise " +
                         percent_text(1.0 / static_cast<double>(n + 1)) +
                         " false alarms at best, not " + percent_text(false_alarms) +
                         "; --false-alarms RATE");
    return;
  }
  rule.largest_distance = *threshold;
  rule.notes.push_back("unknown beyond a distance of " + fixed_text(*threshold, 4) + ": at most " +
                       percent_text(false_alarms) + " of images of the known classes, judged by " +
                       number_of_images(n) + " of validation");
}

}  // namespace

const Fields<UnknownConfig>& unknown_fields() {
  using C = UnknownConfig;
  static const Fields<C> fields({
      {"max_error",
       &C::max_error,
       {"--max-error", "",
        "Call unknown what is not confident enough for this rate of errors (1: off)"},
       between(0, 1)},
      {"false_alarms",
       &C::false_alarms,
       {"--false-alarms", "",
        "Call unknown what is too far from the known classes, at the cost of this rate of their "
        "own images (0: off)"},
       share_below_one()},
  });
  return fields;
}

bool UnknownRule::calls_unknown(const Classification& c) const {
  if (!c.error.empty()) return false;
  return c.confidence() < least_confidence || (c.distance && *c.distance > largest_distance);
}

UnknownRule make_unknown_rule(const Model& model, const UnknownConfig& config) {
  const std::optional<Calibration> calibration = calibration_of(model);
  UnknownRule rule;
  if (config.max_error < 1) limit_confidence(rule, calibration, config.max_error);
  if (config.false_alarms > 0) limit_distance(rule, model, calibration, config.false_alarms);
  return rule;
}

}  // namespace steelsight
