#pragma once
// How good predictions are. Definitions and corner cases are scikit-learn's (sklearn.metrics, with
// zero_division=0), and the tests compare with its values.
//
// Only rows with a label, without an error and not called unknown are scored. A label that the
// model has no class for is scored all the same: the image counts as wrong, in the support of that
// class, whose recall is then 0; the model gave it probability 0. So `classes` are the model's
// classes in their order, then the unknown labels, sorted.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/predictions.hpp"
#include "evaluation/ranking.hpp"

namespace steelsight {

struct Interval {
  double low = 0;
  double high = 1;
};

// Wilson's score interval with 95 % coverage for a share that was found as correct of n (Wilson
// 1927, JASA 22, 209). For n = 0 it is [0, 1]. Throws std::invalid_argument for correct > n.
Interval wilson_interval(std::size_t correct, std::size_t n);

// A share of images that were classified correctly.
struct Accuracy {
  std::size_t n = 0;
  std::size_t correct = 0;

  double value() const;  // in [0, 1]; throws std::domain_error for n = 0
  Interval interval() const { return wilson_interval(correct, n); }
};

struct PrecisionRecall {
  double precision = 0;  // share of right ones of images predicted as this class; 0 if none was
  double recall = 0;     // share of right ones of images of this class; 0 if there is none
  double f1 = 0;         // harmonic mean of the two; 0 if both are
};

struct ClassMetrics : PrecisionRecall {
  std::string name;
  std::size_t support = 0;    // images that are this class
  std::size_t predicted = 0;  // images that were predicted as this class
  std::size_t correct = 0;    // images that are both
  // Area under the ROC curve of this class against the rest, ties counted half; absent if there
  // are no images of this class or no others.
  std::optional<double> roc_auc;
  // From the ranking of roc_auc (evaluation/ranking.hpp). Absent without images of this class.
  std::optional<double> average_precision;

  Interval precision_interval() const { return wilson_interval(correct, predicted); }
  Interval recall_interval() const { return wilson_interval(correct, support); }
  Interval f1_interval() const;
};

// confusion[t][p]: images of class t that were predicted as class p.
using ConfusionMatrix = std::vector<std::vector<std::size_t>>;

struct Metrics {
  std::vector<std::string> classes;
  ConfusionMatrix confusion;
  Accuracy accuracy;
  std::vector<ClassMetrics> per_class;  // as `classes`
  PrecisionRecall macro;               // mean over the classes that occur as label or as prediction
  PrecisionRecall weighted;            // mean over the classes, weighted with their support
  double balanced_accuracy = 0;        // mean recall over the classes with support
  double matthews_correlation = 0;     // Gorodkin's for K classes, -1 to 1; 0 if undefined
  std::optional<double> cohens_kappa;  // absent if all labels and predictions are one class
  // The label is one of the two most probable classes; of equals the first class, as in argmax.
  double top2_accuracy = 0;
  // Mean of -ln p[label], natural logarithm; p is clipped to [2^-23, 1 - 2^-23] (float's epsilon)
  // and normalised to sum 1.
  double log_loss = 0;
};

// Whether a row takes part in the metrics: it has a label, and its image was read and not called
// unknown.
bool is_scored(const Prediction& row, const std::vector<std::string>& class_names);

// Throws std::invalid_argument if no row is scored.
Metrics compute_metrics(const Predictions& predictions);

// The scored images ranked by their probability of class k, a position in Metrics::classes.
std::vector<RankPoint> class_ranking(const Predictions& predictions, std::size_t k);

}  // namespace steelsight
