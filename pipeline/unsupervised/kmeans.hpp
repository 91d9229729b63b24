#pragma once
// k-means clusters of the rows of a matrix.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace steelsight {

struct KMeansOptions {
  std::size_t clusters = 2;
  std::size_t attempts = 30;  // from new centres each (k-means++); the best one is taken
  std::size_t iterations = 300;
  std::uint64_t seed = 1;
  // Called after each attempt; may throw to stop.
  std::function<void(std::size_t attempts)> progress = [](std::size_t) {};
};

struct KMeans {
  std::vector<std::size_t> cluster;  // for each row; 0 is the largest, of equal ones the first
  cv::Mat centres;                   // clusters x D, CV_64F
  double inertia = 0;                // sum of the squared distances of rows to their centres
};

// rows: N x D, CV_32F. Throws std::invalid_argument for no clusters or more than rows.
KMeans kmeans(const cv::Mat& rows, const KMeansOptions& options);

}  // namespace steelsight
