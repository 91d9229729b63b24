#pragma once
// How good clusters are: by themselves, and against labels. Definitions are scikit-learn's.
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/unsupervised/row_distances.hpp"

namespace steelsight {

// Rousseeuw 1987: for each row (b - a) / max(a, b), where a is its mean distance to the others of
// its cluster, and b to the rows of the nearest other cluster; -1 to 1, 0 alone in a cluster.
// Throws std::invalid_argument unless there are at least two clusters with rows, and a cluster for
// each row.
std::vector<double> silhouettes(const RowDistances& distances,
                                std::span<const std::size_t> clusters, std::size_t threads = 1);

// The same of several clusterings at once: distances, which take the time, are computed once.
struct SilhouetteOptions {
  std::size_t threads = 1;
  // Called now and then on the calling thread, with the number of rows done; may throw to stop.
  std::function<void(std::size_t done)> progress = [](std::size_t) {};
};
std::vector<std::vector<double>> silhouettes_of_each(
    const RowDistances& distances, const std::vector<std::span<const std::size_t>>& clusterings,
    const SilhouetteOptions& options);

// [cluster][class]: how many rows are both.
using Contingency = std::vector<std::vector<std::size_t>>;

// Rows without a class take no part. Throws std::invalid_argument if the two differ in length.
Contingency contingency(std::span<const std::size_t> clusters,
                        std::span<const std::optional<std::size_t>> classes);

// The share of rows that are of the most frequent class of their cluster.
double purity(const Contingency& table);

// Hubert and Arabie 1985: 1 where clusters are classes, 0 on average by chance.
double adjusted_rand_index(const Contingency& table);

// Each cluster is given a class of its own so that as many rows as possible are right (the
// Hungarian method's problem). A cluster that comes out empty has none.
struct BestMatch {
  std::vector<std::optional<std::size_t>> class_of;  // each cluster
  double accuracy = 0;                               // share of rows that are right
};
BestMatch best_match(const Contingency& table);

}  // namespace steelsight
