#include "pipeline/unsupervised/pca.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <stdexcept>

namespace steelsight {
namespace {

// Eigenvectors have no sign of their own.
void fix_sign(cv::Mat direction) {
  cv::Point largest;
  cv::minMaxLoc(cv::abs(direction), nullptr, nullptr, nullptr, &largest);
  if (direction.at<double>(largest) < 0) direction *= -1;
}

}  // namespace

std::vector<double> Pca::explained_ratio() const {
  std::vector<double> ratios;
  for (const double value : variance)
    ratios.push_back(total_variance > 0 ? value / total_variance : 0);
  return ratios;
}

std::size_t Pca::components_for(double share) const {
  double sum = 0;
  for (std::size_t i = 0; i < variance.size(); ++i) {
    sum += variance[i];
    if (sum >= share * total_variance) return i + 1;
  }
  return variance.size();
}

Pca fit_pca(const cv::Mat& rows) {
  if (rows.rows < 2)
    throw std::invalid_argument("fit_pca: " + std::to_string(rows.rows) +
                                " rows, expected 2 or more");
  cv::Mat values;
  rows.convertTo(values, CV_64F);
  const int count = std::min(rows.rows - 1, rows.cols);
  const cv::PCA found(values, cv::noArray(), cv::PCA::DATA_AS_ROW, count);
  Pca pca{.mean = found.mean, .components = found.eigenvectors, .variance = {}};
  // OpenCV divides by N. Where nothing is left, rounding can give less than 0.
  const double unbiased = static_cast<double>(rows.rows) / static_cast<double>(rows.rows - 1);
  for (int i = 0; i < found.eigenvalues.rows; ++i) {
    pca.variance.push_back(std::max(unbiased * found.eigenvalues.at<double>(i), 0.0));
    fix_sign(pca.components.row(i));
  }
  cv::Mat centred = values - cv::repeat(found.mean, values.rows, 1);
  pca.total_variance = centred.dot(centred) / static_cast<double>(rows.rows - 1);
  return pca;
}

cv::Mat project(const Pca& pca, const cv::Mat& rows, std::size_t count) {
  cv::Mat values;
  rows.convertTo(values, CV_64F);
  values -= cv::repeat(pca.mean, values.rows, 1);
  const int kept = static_cast<int>(std::min(count, pca.variance.size()));
  cv::Mat coordinates = values * pca.components.rowRange(0, kept).t();
  coordinates.convertTo(coordinates, CV_32F);
  return coordinates;
}

cv::Mat standardized(const cv::Mat& rows) {
  cv::Mat values;
  rows.convertTo(values, CV_64F);
  for (int d = 0; d < values.cols; ++d) {
    cv::Mat column = values.col(d);
    cv::Scalar mean, deviation;
    cv::meanStdDev(column, mean, deviation);
    // A column that is the same everywhere has a deviation of rounding errors.
    const bool is_constant = deviation[0] <= 1e-12 * std::abs(mean[0]);
    column = (column - mean[0]) * (is_constant ? 0.0 : 1 / deviation[0]);
  }
  values.convertTo(values, CV_32F);
  return values;
}

}  // namespace steelsight
