#pragma once
// Principal components: the directions in which rows differ most.
#include <opencv2/core/mat.hpp>
#include <vector>

namespace steelsight {

struct Pca {
  cv::Mat mean;                  // 1 x D, CV_64F
  cv::Mat components;            // min(N - 1, D) x D, CV_64F: a direction of length 1 a row
  std::vector<double> variance;  // along each, unbiased (divided by N - 1), the largest first
  double total_variance = 0;     // sum over all columns

  // Shares of the total, 0 to 1; 0 if there is no variance.
  std::vector<double> explained_ratio() const;
  // How many of the first components it takes to explain such a share.
  std::size_t components_for(double share) const;
};

// rows: N x D, CV_32F, N at least 2. A direction's sign is that which makes its largest element
// positive. Throws std::invalid_argument for fewer rows.
Pca fit_pca(const cv::Mat& rows);

// The rows' coordinates along the first `count` components: N x min(count, all), CV_32F.
cv::Mat project(const Pca& pca, const cv::Mat& rows, std::size_t count);

// Each column less its mean and divided by its standard deviation (of N, as scikit-learn's
// StandardScaler); a column that is the same everywhere becomes 0. N x D, CV_32F.
cv::Mat standardized(const cv::Mat& rows);

}  // namespace steelsight
