#include "pipeline/unsupervised/affinities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steelsight {
namespace {

struct Conditional {
  std::vector<double> p;
  double entropy = 0;  // nats
};

// p is proportional to exp(-precision * squared distance).
Conditional at_precision(std::span<const Neighbour> neighbours, double precision) {
  Conditional result;
  double sum = 0, weighted = 0;
  const double nearest = neighbours.front().squared_distance;  // taken out: exp() stays above 0
  for (const Neighbour& neighbour : neighbours) {
    const double farther = neighbour.squared_distance - nearest;
    result.p.push_back(std::exp(-precision * farther));
    sum += result.p.back();
    weighted += farther * result.p.back();
  }
  for (double& p : result.p) p /= sum;
  result.entropy = std::log(sum) + precision * weighted / sum;
  return result;
}

}  // namespace

std::vector<double> conditional_affinities(std::span<const Neighbour> neighbours,
                                           double perplexity) {
  constexpr int kMostSteps = 100;
  constexpr double kTolerance = 1e-5;  // tolerance of the entropy, nats
  double precision = 1, low = 0, high = std::numeric_limits<double>::infinity();
  Conditional found = at_precision(neighbours, precision);
  for (int step = 0; step < kMostSteps; ++step) {
    const double excess = found.entropy - std::log(perplexity);
    if (std::abs(excess) <= kTolerance) break;
    (excess > 0 ? low : high) = precision;
    precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
    found = at_precision(neighbours, precision);
  }
  return found.p;
}

Affinities affinities(const std::vector<std::vector<Neighbour>>& neighbours, double perplexity) {
  struct Element {
    std::size_t other;
    double value;
  };
  std::vector<std::vector<Element>> rows(neighbours.size());
  const double scale = 1 / (2 * static_cast<double>(neighbours.size()));
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    const std::vector<double> p = conditional_affinities(neighbours[i], perplexity);
    for (std::size_t k = 0; k < p.size(); ++k) {
      const std::size_t j = neighbours[i][k].row;
      rows[i].push_back({j, p[k] * scale});
      rows[j].push_back({i, p[k] * scale});
    }
  }
  Affinities result{.first = {0}, .other = {}, .value = {}};
  for (std::vector<Element>& row : rows) {
    std::ranges::stable_sort(row, {}, &Element::other);
    for (const Element& element : row) {
      const bool is_second =
          result.other.size() > result.first.back() && result.other.back() == element.other;
      if (is_second) {
        result.value.back() += element.value;
      } else {
        result.other.push_back(element.other);
        result.value.push_back(element.value);
      }
    }
    result.first.push_back(result.other.size());
    row = {};
  }
  return result;
}

}  // namespace steelsight
