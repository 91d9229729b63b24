#include "pipeline/train/least_squares.hpp"

#include <algorithm>
#include <limits>
#include <opencv2/core.hpp>
#include <stdexcept>

#include "datasets/error.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

struct Rows {
  cv::Mat values;           // n x D, double
  std::vector<int> labels;  // n
};

Rows gather(const Features& features, const std::vector<int>& labels) {
  Rows rows;
  std::vector<const float*> found;
  for (std::size_t i = 0; i < features.rows.size(); ++i) {
    if (features.rows[i] == nullptr) continue;
    found.push_back(features.rows[i]);
    rows.labels.push_back(labels[i / features.views]);
  }
  if (found.empty() || found.size() > kMaxLeastSquaresRows)
    throw DatasetError("least squares over " + std::to_string(found.size()) +
                       " examples and views, expected 1 to " +
                       std::to_string(kMaxLeastSquaresRows) +
                       ": take fewer views, or /train/head=gradient");
  const auto columns = static_cast<int>(features.row_floats());
  rows.values.create(static_cast<int>(found.size()), columns, CV_64F);
  for (int i = 0; i < rows.values.rows; ++i)
    std::copy_n(found[static_cast<std::size_t>(i)], columns, rows.values.ptr<double>(i));
  return rows;
}

Tensor to_tensor(const cv::Mat& values, const std::vector<std::int64_t>& shape) {
  Tensor tensor{shape, {}};
  for (int row = 0; row < values.rows; ++row)
    for (int column = 0; column < values.cols; ++column)
      tensor.values.push_back(static_cast<float>(values.at<double>(row, column)));
  return tensor;
}

// (X X' + n ridge I)^-1 T.
cv::Mat solve_dual(const cv::Mat& values, const cv::Mat& targets, double ridge) {
  const int n = values.rows;
  cv::Mat gram, dual;
  cv::mulTransposed(values, gram, /*aTa=*/false);
  const double size = cv::trace(gram)[0];  // before the ridge: the largest eigenvalue at most
  gram += cv::Mat::eye(n, n, CV_64F) * (n * ridge);
  const bool ridge_counts = n * ridge > n * std::numeric_limits<double>::epsilon() * size;
  if (!ridge_counts || !cv::solve(gram, targets, dual, cv::DECOMP_CHOLESKY) ||
      !cv::checkRange(dual))
    throw DatasetError(
        "least squares over " + std::to_string(n) +
        " examples and views has no certain solution: the features' squares sum to " +
        number_text(size) + ", beside which /train/ridge=" + number_text(ridge) +
        " is nothing; take a larger one, or /train/head=gradient");
  return dual;
}

}  // namespace

LinearHead least_squares_head(const Features& features, const std::vector<int>& labels,
                              const LeastSquaresOptions& options) {
  if (!(options.ridge > 0)) throw std::invalid_argument("ridge is not above 0");
  Rows rows = gather(features, labels);
  const int n = rows.values.rows;
  const auto classes = static_cast<int>(options.classes);
  cv::Mat targets = cv::Mat::zeros(n, classes, CV_64F);
  for (int i = 0; i < n; ++i) targets.at<double>(i, rows.labels[static_cast<std::size_t>(i)]) = 1;

  // Centred, the bias falls out: W = T' (X X' + n ridge I)^-1 X. Without a bias nothing is centred.
  cv::Mat mean = cv::Mat::zeros(1, rows.values.cols, CV_64F);
  cv::Mat target_mean = cv::Mat::zeros(1, classes, CV_64F);
  if (options.bias) {
    cv::reduce(rows.values, mean, 0, cv::REDUCE_AVG);
    cv::reduce(targets, target_mean, 0, cv::REDUCE_AVG);
    rows.values -= cv::repeat(mean, n, 1);
    targets -= cv::repeat(target_mean, n, 1);
  }
  const cv::Mat weight =
      solve_dual(rows.values, targets, options.ridge).t() * rows.values * options.scale;
  if (!options.bias) return {.weight = to_tensor(weight, {classes, weight.cols}), .bias = {}};
  const cv::Mat bias = target_mean * options.scale - mean * weight.t();
  return {.weight = to_tensor(weight, {classes, weight.cols}), .bias = to_tensor(bias, {classes})};
}

}  // namespace steelsight
