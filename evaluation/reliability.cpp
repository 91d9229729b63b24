#include "evaluation/reliability.hpp"

#include <algorithm>
#include <cmath>

namespace steelsight {

std::vector<ConfidenceBin> confidence_bins(std::span<const Judged> images) {
  constexpr int kBins = 15;
  std::vector<ConfidenceBin> bins;
  for (int i = 0; i < kBins; ++i)
    bins.push_back({.low = static_cast<double>(i) / kBins, .high = (i + 1.0) / kBins});
  for (const Judged& image : images) {
    const auto confidence = static_cast<double>(image.confidence);
    const int i = std::clamp(static_cast<int>(std::ceil(confidence * kBins)) - 1, 0, kBins - 1);
    ConfidenceBin& bin = bins[static_cast<std::size_t>(i)];
    ++bin.n;
    bin.correct += image.correct;
    bin.confidence_sum += confidence;
  }
  return bins;
}

double expected_calibration_error(std::span<const Judged> images) {
  if (images.empty()) return 0;
  double sum = 0;
  for (const ConfidenceBin& bin : confidence_bins(images))
    sum += std::abs(bin.confidence_sum - static_cast<double>(bin.correct));
  return sum / static_cast<double>(images.size());
}

}  // namespace steelsight
