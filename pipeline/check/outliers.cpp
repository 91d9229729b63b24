#include "pipeline/check/outliers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "evaluation/median.hpp"

namespace steelsight {

std::vector<Outlier> find_outliers(const std::vector<std::optional<double>>& values,
                                   const std::vector<std::optional<std::size_t>>& classes) {
  if (values.size() != classes.size())
    throw std::invalid_argument("find_outliers: " + std::to_string(values.size()) + " values for " +
                                std::to_string(classes.size()) + " classes");
  std::map<std::optional<std::size_t>, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i]) members[classes[i]].push_back(i);
  std::vector<Outlier> outliers;
  for (const auto& [name, items] : members) {
    if (items.size() < kFewestForOutliers) continue;
    std::vector<double> own, distances;
    for (const std::size_t i : items) own.push_back(*values[i]);
    const double middle = median(own);
    for (const double value : own) distances.push_back(std::abs(value - middle));
    const double spread = median(distances);
    if (spread <= 0) continue;  // most are the same: there is no scale to judge by
    for (const std::size_t i : items)
      if (const double score = 0.6745 * (*values[i] - middle) / spread;
          std::abs(score) > kOutlierScore)
        outliers.push_back({i, *values[i], middle, score});
  }
  std::ranges::stable_sort(outliers, std::ranges::greater{},
                           [](const Outlier& outlier) { return std::abs(outlier.score); });
  return outliers;
}

}  // namespace steelsight
