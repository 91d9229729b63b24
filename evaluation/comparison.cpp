#include "evaluation/comparison.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace steelsight {
namespace {

struct Pair {
  const Prediction* a;
  const Prediction* b;

  bool a_is_right() const { return a->prediction == a->label; }
  bool b_is_right() const { return b->prediction == b->label; }
};

struct Pairing {
  std::vector<Pair> pairs;  // in A's order
  std::vector<std::string> only_in_a, only_in_b;
};

Pairing pair_by_path(const Predictions& a, const Predictions& b) {
  std::map<std::string, std::vector<const Prediction*>> rows_of_b;  // by path, the last row first
  for (auto row = b.rows.rbegin(); row != b.rows.rend(); ++row)
    rows_of_b[row->path].push_back(&*row);
  Pairing pairing;
  std::set<const Prediction*> paired;
  for (const Prediction& row : a.rows) {
    const auto found = rows_of_b.find(row.path);
    if (found == rows_of_b.end() || found->second.empty()) {
      pairing.only_in_a.push_back(row.path);
      continue;
    }
    pairing.pairs.push_back({&row, found->second.back()});
    paired.insert(found->second.back());
    found->second.pop_back();
  }
  for (const Prediction& row : b.rows)
    if (!paired.contains(&row)) pairing.only_in_b.push_back(row.path);
  return pairing;
}

// Why a file has no say about an image; empty if it has.
std::string not_scored_reason(const Prediction& row, const std::vector<std::string>& class_names,
                              const std::string& file) {
  if (!row.error.empty()) return "unreadable in " + file;
  if (row.label.empty()) return "no label in " + file;
  if (is_unknown(row, class_names)) return "called unknown in " + file;
  return "";
}

class Comparing {
 public:
  Comparing(const NamedPredictions& a, const NamedPredictions& b) : a_(a), b_(b) {}

  Comparison run() {
    Pairing pairing = pair_by_path(a_.predictions, b_.predictions);
    for (const Pair& pair : pairing.pairs) {
      const std::string reason = reason_against(pair);
      if (reason.empty())
        compared_.push_back(pair);
      else
        result_.not_compared.push_back({pair.a->path, reason});
    }
    result_.only_in_a = std::move(pairing.only_in_a);
    result_.only_in_b = std::move(pairing.only_in_b);
    result_.n = compared_.size();
    if (compared_.empty()) throw PredictionsError(nothing_to_compare(pairing.pairs.size()));
    result_.a = file(a_, &Pair::a);
    result_.b = file(b_, &Pair::b);
    add_images();
    result_.test = mcnemar_test(result_.broken.size(), result_.fixed.size());
    add_classes();
    return std::move(result_);
  }

 private:
  std::string reason_against(const Pair& pair) const {
    for (const std::string& reason : {not_scored_reason(*pair.a, a_.predictions.class_names, "A"),
                                      not_scored_reason(*pair.b, b_.predictions.class_names, "B")})
      if (!reason.empty()) return reason;
    if (pair.a->label != pair.b->label)
      return "labels differ: '" + pair.a->label + "' in A, '" + pair.b->label + "' in B";
    return "";
  }

  std::string nothing_to_compare(std::size_t in_both) const {
    const std::string start = a_.name + " and " + b_.name + ": ";
    if (in_both == 0)
      return start + "no image is in both, expected the same paths; the first are '" +
             (a_.predictions.rows.empty() ? "" : a_.predictions.rows[0].path) + "' and '" +
             (b_.predictions.rows.empty() ? "" : b_.predictions.rows[0].path) + "'";
    return start + "none of the " + std::to_string(in_both) +
           " images in both can be compared; the first: " + result_.not_compared[0].path + ", " +
           result_.not_compared[0].reason;
  }

  ComparedFile file(const NamedPredictions& from, const Prediction* Pair::*side) const {
    ComparedFile result{.name = from.name, .n_images = from.predictions.rows.size()};
    for (const Prediction& row : from.predictions.rows) {
      if (!is_scored(row, from.predictions.class_names)) continue;
      ++result.own.n;
      result.own.correct += row.prediction == row.label;
    }
    Predictions rows{from.predictions.class_names, {}};
    for (const Pair& pair : compared_) rows.rows.push_back(*(pair.*side));
    result.metrics = compute_metrics(rows);
    return result;
  }

  std::vector<ChangedImage>* list_of(const Pair& pair) {
    if (pair.a->prediction == pair.b->prediction) return nullptr;
    if (pair.b_is_right()) return &result_.fixed;
    return pair.a_is_right() ? &result_.broken : &result_.changed;
  }

  void add_images() {
    for (const Pair& pair : compared_) {
      result_.both_right += pair.a_is_right() && pair.b_is_right();
      if (std::vector<ChangedImage>* list = list_of(pair))
        list->push_back({.path = pair.a->path,
                         .truth = pair.a->label,
                         .predicted_a = pair.a->prediction,
                         .predicted_b = pair.b->prediction,
                         .confidence_a = pair.a->confidence,
                         .confidence_b = pair.b->confidence});
    }
    for (std::vector<ChangedImage>* list : {&result_.fixed, &result_.broken, &result_.changed})
      std::ranges::stable_sort(*list, std::ranges::greater{}, &ChangedImage::confidence_b);
  }

  void add_classes() {
    std::map<std::string, std::size_t> positions;
    const auto class_of = [&](const std::string& name) -> ComparedClass& {
      const auto [found, is_new] = positions.try_emplace(name, result_.classes.size());
      if (is_new) result_.classes.push_back({.name = name});
      return result_.classes[found->second];
    };
    for (const auto* names : {&a_.predictions.class_names, &b_.predictions.class_names})
      for (const std::string& name : *names) class_of(name);
    for (const ClassMetrics& item : result_.a.metrics.per_class) class_of(item.name).a = item;
    for (const ClassMetrics& item : result_.b.metrics.per_class) class_of(item.name).b = item;
    for (const Pair& pair : compared_) ++class_of(pair.a->label).support;
    for (const ChangedImage& image : result_.fixed) ++class_of(image.truth).fixed;
    for (const ChangedImage& image : result_.broken) ++class_of(image.truth).broken;
  }

  const NamedPredictions& a_;
  const NamedPredictions& b_;
  std::vector<Pair> compared_;
  Comparison result_;
};

}  // namespace

Comparison compare(const NamedPredictions& a, const NamedPredictions& b) {
  return Comparing(a, b).run();
}

}  // namespace steelsight
