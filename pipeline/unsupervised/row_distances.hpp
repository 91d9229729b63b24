#pragma once
// Euclidean distances between the rows of a matrix, a row at a time: memory does not grow with the
// square of their number.
#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <span>

namespace steelsight {

class RowDistances {
 public:
  // rows: N x D, CV_32F. Throws std::invalid_argument for another type.
  explicit RowDistances(const cv::Mat& rows);

  std::size_t size() const { return static_cast<std::size_t>(columns_.cols); }
  // The squared distances of row i to each row; `squared` has size() elements. May be called from
  // several threads.
  void from(std::size_t i, std::span<double> squared) const;

 private:
  cv::Mat columns_;  // D x N, CV_64F: the innermost loop runs over the rows, and so is vectorised
};

}  // namespace steelsight
