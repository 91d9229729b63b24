#pragma once
// Whether confidences mean what they say: of the images named with 80 %, four in five are right.
#include <cstddef>
#include <span>
#include <vector>

namespace steelsight {

// A classified image whose class is known.
struct Judged {
  float confidence = 0;  // the largest probability, in [0, 1]
  bool correct = false;

  bool operator==(const Judged&) const = default;
};

// The images with confidences in (low, high]; 0 is in the first bin.
struct ConfidenceBin {
  double low = 0, high = 1;
  std::size_t n = 0;
  std::size_t correct = 0;
  double confidence_sum = 0;

  double mean_confidence() const { return confidence_sum / static_cast<double>(n); }
  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(n); }
};

// 15 bins of equal width, from 0 to 1, also those without images.
std::vector<ConfidenceBin> confidence_bins(std::span<const Judged> images);

// Expected calibration error over these bins: the mean of |accuracy - mean confidence|, weighted
// with the bins' images (Naeini et al., "Obtaining well calibrated probabilities using Bayesian
// binning", AAAI 2015). In [0, 1]; 0 for no images.
double expected_calibration_error(std::span<const Judged> images);

}  // namespace steelsight
