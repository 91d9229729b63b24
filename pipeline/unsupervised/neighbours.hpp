#pragma once
// The nearest rows of each row of a matrix, found by looking at all of them.
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "pipeline/unsupervised/row_distances.hpp"

namespace steelsight {

struct Neighbour {
  std::size_t row = 0;
  double squared_distance = 0;
};

struct NeighbourOptions {
  std::size_t count = 10;  // for each row; fewer if there are not so many others
  std::size_t threads = 1;
  // Called now and then on the calling thread, with the number of rows done; may throw to stop.
  std::function<void(std::size_t done)> progress = [](std::size_t) {};
};

// Each row's neighbours, the nearest first. Equally near ones are in the order of their positions.
std::vector<std::vector<Neighbour>> nearest_neighbours(const RowDistances& distances,
                                                       const NeighbourOptions& options = {});

}  // namespace steelsight
