#include "pipeline/unsupervised/neighbours.hpp"

#include <algorithm>
#include <tuple>

#include "core/parallel.hpp"

namespace steelsight {
namespace {

std::vector<Neighbour> nearest(const RowDistances& distances, std::size_t row, std::size_t count) {
  std::vector<double> squared(distances.size());
  distances.from(row, squared);
  std::vector<Neighbour> others;
  for (std::size_t j = 0; j < squared.size(); ++j)
    if (j != row) others.push_back({j, squared[j]});
  const auto end = others.begin() + static_cast<std::ptrdiff_t>(std::min(count, others.size()));
  std::ranges::partial_sort(others, end, {}, [](const Neighbour& other) {
    return std::tuple(other.squared_distance, other.row);
  });
  others.erase(end, others.end());
  others.shrink_to_fit();
  return others;
}

}  // namespace

std::vector<std::vector<Neighbour>> nearest_neighbours(const RowDistances& distances,
                                                       const NeighbourOptions& options) {
  std::vector<std::vector<Neighbour>> found(distances.size());
  for_each_index(
      found.size(), options.threads,
      [&](std::size_t row) { found[row] = nearest(distances, row, options.count); },
      options.progress);
  return found;
}

}  // namespace steelsight
