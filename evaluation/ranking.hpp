#pragma once
// How well a score tells the images of one class from all others, over every threshold: what ROC
// and precision-recall curves are drawn from.
#include <cstddef>
#include <optional>
#include <vector>

namespace steelsight {

struct RankedImage {
  double score = 0;          // the higher, the more it is of the class
  bool is_positive = false;  // it is of the class
};

// What a threshold accepts: the images with score >= threshold.
struct RankPoint {
  double threshold = 0;
  std::size_t positives = 0;  // accepted images of the class
  std::size_t negatives = 0;  // accepted others
};

// A point for every score that occurs, the highest first: the last one accepts all images. Equal
// scores are accepted together. Empty for no images.
std::vector<RankPoint> rank(std::vector<RankedImage> images);

// Area under the ROC curve, with straight lines between the points: the share of pairs (image of
// the class, other image) in which the former has the higher score, ties counted half. Nothing
// without images of the class, or without others.
std::optional<double> roc_area(const std::vector<RankPoint>& points);

// Area under the precision-recall curve as scikit-learn's average_precision_score has it: the sum
// of precision times the step in recall, not interpolated. Nothing without images of the class.
std::optional<double> average_precision(const std::vector<RankPoint>& points);

}  // namespace steelsight
