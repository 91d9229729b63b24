#include "datasets/stratify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace steelsight {

DisjointSets::DisjointSets(std::size_t size) : parent_(size) {
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
}

std::size_t DisjointSets::find(std::size_t i) {
  while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];  // path halving
  return i;
}

void DisjointSets::join(std::size_t i, std::size_t j) {
  const auto [low, high] = std::minmax({find(i), find(j)});
  parent_[high] = low;
}

std::vector<std::size_t> apportion(std::size_t count, const std::vector<double>& shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<std::size_t> result(shares.size());
  std::vector<std::pair<double, std::size_t>>
      remainders;  // negative, so that sorting is descending
  std::size_t given = 0;
  for (std::size_t bin = 0; bin < shares.size(); ++bin) {
    const double exact = static_cast<double>(count) * shares[bin] / sum;
    // 0.29 * 100 is 28.999999999999996: what is whole but for rounding is whole.
    const double whole = std::floor(exact + 1e-9);
    result[bin] = static_cast<std::size_t>(whole);
    given += result[bin];
    remainders.emplace_back(whole - exact, bin);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; given < count; ++i, ++given) ++result[remainders[i].second];
  for (std::size_t bin = 0; bin < shares.size(); ++bin) {
    const auto fullest = std::max_element(result.begin(), result.end());
    if (shares[bin] > 0 && result[bin] == 0 && *fullest > 1) {
      --*fullest;
      ++result[bin];
    }
  }
  return result;
}

std::vector<std::size_t> stratify(const std::vector<Unit>& units,
                                  const std::vector<double>& shares) {
  if (units.empty()) return {};
  const std::size_t classes = units[0].class_count.size();

  // missing[c][bin]: how many samples of class c the bin still lacks; negative when it has too
  // many.
  std::vector<std::vector<double>> missing(classes, std::vector<double>(shares.size(), 0));
  for (std::size_t c = 0; c < classes; ++c) {
    std::size_t count = 0;
    for (const Unit& unit : units) count += unit.class_count[c];
    const std::vector<std::size_t> targets = apportion(count, shares);
    std::copy(targets.begin(), targets.end(), missing[c].begin());
  }

  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const std::size_t a = units[i].samples.size();
    const std::size_t b = units[j].samples.size();
    return a != b ? a > b : units[i].key < units[j].key;  // large ones while there is room
  });

  std::vector<std::size_t> bins(units.size());
  for (const std::size_t i : order) {
    // How much each bin lacks the unit's classes.
    std::vector<double> need(shares.size(), -std::numeric_limits<double>::infinity());
    for (std::size_t bin = 0; bin < shares.size(); ++bin) {
      if (shares[bin] == 0) continue;
      need[bin] = 0;
      for (std::size_t c = 0; c < classes; ++c)
        need[bin] += static_cast<double>(units[i].class_count[c]) * missing[c][bin];
    }
    bins[i] = static_cast<std::size_t>(std::max_element(need.begin(), need.end()) - need.begin());
    for (std::size_t c = 0; c < classes; ++c)
      missing[c][bins[i]] -= static_cast<double>(units[i].class_count[c]);
  }
  return bins;
}

}  // namespace steelsight
