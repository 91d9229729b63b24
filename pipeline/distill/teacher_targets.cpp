#include "pipeline/distill/teacher_targets.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "datasets/error.hpp"
#include "pipeline/distill/student.hpp"
#include "pipeline/unsupervised/pca.hpp"

namespace steelsight {
namespace {

constexpr double kLeastVariance = 1e-6;  // of a component, as a share of the first one's

cv::Mat as_matrix(const std::vector<std::span<const float>>& rows) {
  cv::Mat matrix(static_cast<int>(rows.size()), static_cast<int>(rows.at(0).size()), CV_32F);
  for (int i = 0; i < matrix.rows; ++i)
    std::ranges::copy(rows[static_cast<std::size_t>(i)], matrix.ptr<float>(i));
  return matrix;
}

std::vector<std::span<const float>> rows_to_fit(const Features& features, std::uint64_t seed) {
  std::vector<std::span<const float>> rows;
  for (const std::size_t image : drawn_positions(features.size(), kMostFitted, seed))
    if (!features.errors.contains(image)) rows.push_back(features.row(image));
  return rows;
}

// 1 / deviation of each column; 0 for one that never changes.
cv::Mat inverse_deviations(const cv::Mat& rows) {
  cv::Mat inverse(1, rows.cols, CV_64F);
  for (int d = 0; d < rows.cols; ++d) {
    cv::Scalar mean, deviation;
    cv::meanStdDev(rows.col(d), mean, deviation);
    const bool is_constant = deviation[0] <= 1e-6 * std::abs(mean[0]);
    inverse.at<double>(d) = is_constant ? 0 : 1 / deviation[0];
  }
  return inverse;
}

// How many components are more than rounding.
int usable(const Pca& pca, std::size_t wanted) {
  const auto count = std::ranges::count_if(
      pca.variance, [&](double v) { return v > kLeastVariance * pca.variance[0]; });
  return std::min(static_cast<int>(count), static_cast<int>(wanted));
}

}  // namespace

TeacherTargets::TeacherTargets(const Features& features, const TargetOptions& options) {
  const std::vector<std::span<const float>> chosen = rows_to_fit(features, options.seed);
  if (chosen.size() < 2)
    throw DatasetError("there are " + std::to_string(chosen.size()) +
                       " images to learn from, expected 2 or more");
  const cv::Mat rows = as_matrix(chosen);
  const Pca pca = fit_pca(standardized(rows));
  const int count = pca.variance[0] > 0 ? usable(pca, options.components) : 0;
  if (count == 0)
    throw DatasetError("all " + std::to_string(chosen.size()) +
                       " images look the same to the teacher: there is nothing to learn");
  double mean_variance = 0;
  for (int k = 0; k < count; ++k)
    mean_variance +=
        std::pow(pca.variance[static_cast<std::size_t>(k)], 1 - options.whitening) / count;
  cv::reduce(rows, mean_, 0, cv::REDUCE_AVG, CV_32F);
  const cv::Mat inverse = inverse_deviations(rows);
  cv::Mat weight(count, rows.cols, CV_64F);
  double kept = 0;
  for (int k = 0; k < count; ++k) {
    const double variance = pca.variance[static_cast<std::size_t>(k)];
    const double scale = std::pow(variance, -options.whitening / 2) / std::sqrt(mean_variance);
    weight.row(k) = pca.components.row(k).mul(inverse) * scale;
    kept += variance;
  }
  weight.convertTo(weight_, CV_32F);
  explained_ = kept / pca.total_variance;
}

cv::Mat TeacherTargets::of(const std::vector<std::span<const float>>& rows) const {
  cv::Mat values = as_matrix(rows);
  values -= cv::repeat(mean_, values.rows, 1);
  cv::Mat targets;
  cv::gemm(values, weight_, 1, cv::noArray(), 0, targets, cv::GEMM_2_T);
  return targets;
}

}  // namespace steelsight
