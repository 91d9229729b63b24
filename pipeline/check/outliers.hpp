#pragma once
// Values that lie far from the others of their class.
#include <cstddef>
#include <optional>
#include <vector>

namespace steelsight {

struct Outlier {
  std::size_t item = 0;
  double value = 0;
  double median = 0;  // of its class
  double score = 0;   // modified z-score, below 0 for values that are too small
};

// The modified z-score of Iglewicz and Hoaglin (1993): 0.6745 (value - median) / MAD, where MAD is
// the median distance from the median. They call 3.5 an outlier; images of real surfaces have
// longer tails.
inline constexpr double kOutlierScore = 6;
// A class with fewer values has no outliers.
inline constexpr std::size_t kFewestForOutliers = 10;

// values[i] belongs to classes[i]. Items without a class form one of their own. Items without a
// value are left out. The largest scores come first.
std::vector<Outlier> find_outliers(const std::vector<std::optional<double>>& values,
                                   const std::vector<std::optional<std::size_t>>& classes);

}  // namespace steelsight
