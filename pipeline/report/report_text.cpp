#include "pipeline/report/report_text.hpp"

#include <algorithm>

#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

std::string count_of(std::size_t part, std::size_t whole) {
  return number_text(part) + " of " + number_text(whole) + (whole == 1 ? " image" : " images") +
         (part == 1 ? " was" : " were");
}

const SeenPart& find_part(const Report& report, Seen seen) {
  return *std::find_if(report.seen.begin(), report.seen.end(),
                       [&](const SeenPart& part) { return part.seen == seen; });
}

std::string count_and_share_text(std::size_t part, std::size_t whole) {
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  return number_text(part) + " of " + number_text(whole) + " images (" + percent_text(share) + ")";
}

// Lists with commas; an object as its keys, each followed by its value.
std::string plain_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, item] : value.items()) {
    std::string part = plain_text(item);
    if (item.is_structured()) part = "(" + part + ")";
    text += (text.empty() ? "" : ", ") + (value.is_object() ? key + " " + part : part);
  }
  return text;
}

}  // namespace

std::string interval_text(const Interval& interval) {
  return percent_text(interval.low) + " to " + percent_text(interval.high);
}

std::string seen_sentence(const Report& report) {
  const std::size_t trained = find_part(report, Seen::trained).n_images;
  const std::size_t validated = find_part(report, Seen::validated).n_images;
  const Accuracy unseen = find_part(report, Seen::unseen).accuracy;
  if (trained + validated == 0)
    return "None of these images was used to train this model or to choose it.";
  std::string sentence = count_of(trained, report.n_images) + " used to train this model";
  if (validated > 0) sentence += " and " + number_text(validated) + " to choose it";
  if (unseen.n == 0)
    return sentence +
           "; none of the scored images is new to it, so the accuracy below says "
           "nothing about new ones.";
  return sentence + "; accuracy on the " + number_text(unseen.n) +
         " it has never seen: " + percent_text(unseen.value()) + " (95 % interval " +
         interval_text(unseen.interval()) + ").";
}

bool knows_seen_images(const Report& report) {
  return std::any_of(report.seen.begin(), report.seen.end(), [](const SeenPart& part) {
    return part.seen != Seen::unseen && part.n_images > 0;
  });
}

std::string accepted_sentence(const AcceptedReport& accepted) {
  std::string sentence = "Asked for ";
  if (accepted.max_error < 1)
    sentence += percent_text(accepted.max_error, 2) + " errors" +
                (accepted.false_alarms > 0 ? " and " : "");
  if (accepted.false_alarms > 0)
    sentence += percent_text(accepted.false_alarms, 2) + " false alarms";
  sentence += ", classify would name " +
              (accepted.n > 0 ? count_and_share_text(accepted.accepted, accepted.n) : "none") +
              " of the model's classes";
  if (accepted.accepted > 0)
    sentence += ", of which wrong: " + count_and_share_text(accepted.wrong, accepted.accepted);
  if (accepted.n_other > 0)
    sentence += "; of other classes, it would call unknown " +
                count_and_share_text(accepted.other_unknown, accepted.n_other);
  return sentence + ".";
}

std::string unknown_labels(const Report& report) {
  std::string names;
  for (std::size_t k = report.predicted.size(); k < report.metrics->classes.size(); ++k)
    names += (names.empty() ? "" : ", ") + report.metrics->classes[k];
  return names;
}

std::vector<std::pair<std::string, std::string>> model_facts(const Json& model) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (!model.is_object()) return facts;
  for (const auto& [key, value] : model.items())
    if (key != "network") facts.emplace_back(key, plain_text(value));
  return facts;
}

}  // namespace steelsight
