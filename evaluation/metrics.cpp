#include "evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

namespace steelsight {
namespace {

// A scored row with class names resolved to positions in the list of all classes.
struct Scored {
  std::size_t truth;
  std::size_t predicted;
  const std::vector<float>* probabilities;

  // The probability of class k; 0 for a class that the model does not have.
  double probability(std::size_t k) const {
    return k < probabilities->size() ? static_cast<double>((*probabilities)[k]) : 0;
  }
};

double ratio(double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

std::vector<std::string> all_classes(const Predictions& predictions) {
  std::vector<std::string> classes = predictions.class_names;
  const std::set<std::string> known(classes.begin(), classes.end());
  std::set<std::string> unknown;
  for (const Prediction& row : predictions.rows)
    if (is_scored(row, predictions.class_names) && !known.contains(row.label))
      unknown.insert(row.label);
  classes.insert(classes.end(), unknown.begin(), unknown.end());
  return classes;
}

std::vector<Scored> scored_rows(const Predictions& predictions,
                                const std::vector<std::string>& classes) {
  std::map<std::string, std::size_t> position;
  for (std::size_t k = 0; k < classes.size(); ++k) position[classes[k]] = k;
  std::vector<Scored> scored;
  for (const Prediction& row : predictions.rows)
    if (is_scored(row, predictions.class_names))
      scored.push_back({position.at(row.label), position.at(row.prediction), &row.probabilities});
  return scored;
}

std::vector<RankPoint> class_ranking(const std::vector<Scored>& scored, std::size_t k) {
  std::vector<RankedImage> images;
  for (const Scored& row : scored) images.push_back({row.probability(k), row.truth == k});
  return rank(std::move(images));
}

ClassMetrics class_metrics(const Metrics& metrics, std::size_t k) {
  ClassMetrics result;
  result.name = metrics.classes[k];
  for (std::size_t other = 0; other < metrics.classes.size(); ++other) {
    result.support += metrics.confusion[k][other];
    result.predicted += metrics.confusion[other][k];
  }
  result.correct = metrics.confusion[k][k];
  const auto right = static_cast<double>(result.correct);
  const auto support = static_cast<double>(result.support);
  const auto predicted = static_cast<double>(result.predicted);
  result.precision = ratio(right, predicted);
  result.recall = ratio(right, support);
  result.f1 = ratio(2 * right, support + predicted);
  return result;
}

// Weighted mean over the classes; `weight` takes a ClassMetrics.
template <class Weight>
PrecisionRecall average(const std::vector<ClassMetrics>& classes, Weight weight) {
  PrecisionRecall sum;
  double weights = 0;
  for (const ClassMetrics& item : classes) {
    const double w = weight(item);
    sum.precision += w * item.precision;
    sum.recall += w * item.recall;
    sum.f1 += w * item.f1;
    weights += w;
  }
  return {sum.precision / weights, sum.recall / weights, sum.f1 / weights};
}

// Cohen's kappa and Matthews' correlation: agreement beyond what the margins explain.
void chance_corrected(Metrics& metrics) {
  const auto n = static_cast<double>(metrics.accuracy.n);
  double both = 0, labels = 0, predictions = 0;  // sums of products of margins, in images^2
  for (const ClassMetrics& item : metrics.per_class) {
    const auto support = static_cast<double>(item.support);
    const auto predicted = static_cast<double>(item.predicted);
    both += support * predicted;
    labels += support * support;
    predictions += predicted * predicted;
  }
  const double beyond = static_cast<double>(metrics.accuracy.correct) * n - both;
  if (both != n * n) metrics.cohens_kappa = beyond / (n * n - both);
  metrics.matthews_correlation =
      ratio(beyond, std::sqrt(n * n - labels) * std::sqrt(n * n - predictions));
}

bool in_top2(const Scored& row) {
  const std::vector<float>& p = *row.probabilities;
  if (row.truth >= p.size()) return false;
  std::size_t before = 0;  // classes that are ranked before the label
  for (std::size_t k = 0; k < p.size(); ++k)
    before += p[k] > p[row.truth] || (p[k] == p[row.truth] && k < row.truth);
  return before < 2;
}

double log_loss(const Scored& row, std::size_t classes) {
  constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
  const auto clipped = [&](std::size_t k) {
    return std::clamp(row.probability(k), kEpsilon, 1 - kEpsilon);
  };
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) sum += clipped(k);
  return std::log(sum / clipped(row.truth));
}

}  // namespace

Interval wilson_interval(std::size_t correct, std::size_t n) {
  if (correct > n)
    throw std::invalid_argument("wilson_interval: " + std::to_string(correct) + " correct of " +
                                std::to_string(n));
  if (n == 0) return {0, 1};
  const double z = 1.959963984540054;  // the normal distribution's 97.5 % quantile
  const auto trials = static_cast<double>(n);
  const double p = static_cast<double>(correct) / trials;
  const double centre = (p + z * z / (2 * trials)) / (1 + z * z / trials);
  const double half =
      z / (1 + z * z / trials) * std::sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials));
  // Exact at the ends, where rounding would leave 1e-17.
  return {correct == 0 ? 0 : centre - half, correct == n ? 1 : centre + half};
}

// F1 grows with J = correct / (support + predicted - correct), the share of right ones of the
// images that are the class or were taken for it: F1 = 2 J / (1 + J).
Interval ClassMetrics::f1_interval() const {
  const Interval share = wilson_interval(correct, support + predicted - correct);
  return {2 * share.low / (1 + share.low), 2 * share.high / (1 + share.high)};
}

double Accuracy::value() const {
  if (n == 0) throw std::domain_error("Accuracy::value: n is 0, expected at least 1");
  return static_cast<double>(correct) / static_cast<double>(n);
}

bool is_scored(const Prediction& row, const std::vector<std::string>& class_names) {
  return row.error.empty() && !row.label.empty() && !is_unknown(row, class_names);
}

Metrics compute_metrics(const Predictions& predictions) {
  Metrics metrics;
  metrics.classes = all_classes(predictions);
  const std::size_t classes = metrics.classes.size();
  const std::vector<Scored> scored = scored_rows(predictions, metrics.classes);
  if (scored.empty())
    throw std::invalid_argument("compute_metrics: no row has a label and a prediction");

  const auto n = static_cast<double>(scored.size());
  metrics.accuracy.n = scored.size();
  metrics.confusion.assign(classes, std::vector<std::size_t>(classes, 0));
  for (const Scored& row : scored) {
    ++metrics.confusion[row.truth][row.predicted];
    metrics.accuracy.correct += row.truth == row.predicted;
    metrics.top2_accuracy += in_top2(row);
    metrics.log_loss += log_loss(row, classes);
  }
  metrics.top2_accuracy /= n;
  metrics.log_loss /= n;
  for (std::size_t k = 0; k < classes; ++k) {
    metrics.per_class.push_back(class_metrics(metrics, k));
    const std::vector<RankPoint> ranking = class_ranking(scored, k);
    metrics.per_class.back().roc_auc = roc_area(ranking);
    metrics.per_class.back().average_precision = average_precision(ranking);
  }
  metrics.macro = average(metrics.per_class, [](const ClassMetrics& item) {
    return item.support + item.predicted > 0 ? 1.0 : 0.0;
  });
  metrics.weighted = average(metrics.per_class, [](const ClassMetrics& item) {
    return static_cast<double>(item.support);
  });
  metrics.balanced_accuracy = average(metrics.per_class, [](const ClassMetrics& item) {
                                return item.support > 0 ? 1.0 : 0.0;
                              }).recall;
  chance_corrected(metrics);
  return metrics;
}

std::vector<RankPoint> class_ranking(const Predictions& predictions, std::size_t k) {
  return class_ranking(scored_rows(predictions, all_classes(predictions)), k);
}

}  // namespace steelsight
