#include "pipeline/unsupervised/clustering_scores.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/maximum_weighted_matching.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "core/parallel.hpp"

namespace steelsight {
namespace {

double pairs(std::size_t n) {
  return static_cast<double>(n) * (static_cast<double>(n) - 1) / 2;
}

std::size_t total(const Contingency& table) {
  std::size_t sum = 0;
  for (const std::vector<std::size_t>& row : table)
    for (const std::size_t count : row) sum += count;
  return sum;
}

double share(std::size_t part, const Contingency& table) {
  const std::size_t n = total(table);
  if (n == 0) throw std::invalid_argument("clustering scores: no row has a class");
  return static_cast<double>(part) / static_cast<double>(n);
}

struct ClusterSizes {
  std::vector<std::size_t> rows;

  double silhouette(std::size_t own, std::span<const double> distance_to) const {
    if (rows[own] == 1) return 0;
    const double inside = distance_to[own] / static_cast<double>(rows[own] - 1);
    double outside = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < rows.size(); ++c)
      if (c != own && rows[c] > 0)
        outside = std::min(outside, distance_to[c] / static_cast<double>(rows[c]));
    const double larger = std::max(inside, outside);
    return larger > 0 ? (outside - inside) / larger : 0;
  }
};

// Throws std::invalid_argument as silhouettes() does.
ClusterSizes sizes_of(std::span<const std::size_t> clusters, std::size_t rows) {
  if (clusters.size() != rows)
    throw std::invalid_argument("silhouettes: " + std::to_string(clusters.size()) +
                                " clusters for " + std::to_string(rows) + " rows");
  ClusterSizes sizes;
  for (const std::size_t c : clusters) {
    if (c >= sizes.rows.size()) sizes.rows.resize(c + 1, 0);
    ++sizes.rows[c];
  }
  if (std::ranges::count_if(sizes.rows, [](std::size_t n) { return n > 0; }) < 2)
    throw std::invalid_argument("silhouettes: all rows are in one cluster, expected 2 or more");
  return sizes;
}

}  // namespace

std::vector<double> silhouettes(const RowDistances& distances,
                                std::span<const std::size_t> clusters, std::size_t threads) {
  return silhouettes_of_each(distances, {clusters}, {.threads = threads}).front();
}

std::vector<std::vector<double>> silhouettes_of_each(
    const RowDistances& distances, const std::vector<std::span<const std::size_t>>& clusterings,
    const SilhouetteOptions& options) {
  std::vector<ClusterSizes> sizes;
  for (const std::span<const std::size_t> clusters : clusterings)
    sizes.push_back(sizes_of(clusters, distances.size()));
  std::vector<std::vector<double>> results(clusterings.size(),
                                           std::vector<double>(distances.size()));
  for_each_index(
      distances.size(), options.threads,
      [&](std::size_t i) {
        std::vector<double> distance(distances.size());
        distances.from(i, distance);
        for (double& value : distance) value = std::sqrt(value);
        for (std::size_t n = 0; n < clusterings.size(); ++n) {
          std::vector<double> sums(sizes[n].rows.size(), 0.0);
          for (std::size_t j = 0; j < distance.size(); ++j) sums[clusterings[n][j]] += distance[j];
          results[n][i] = sizes[n].silhouette(clusterings[n][i], sums);
        }
      },
      options.progress);
  return results;
}

Contingency contingency(std::span<const std::size_t> clusters,
                        std::span<const std::optional<std::size_t>> classes) {
  if (clusters.size() != classes.size())
    throw std::invalid_argument("contingency: " + std::to_string(clusters.size()) +
                                " clusters for " + std::to_string(classes.size()) + " classes");
  std::size_t cluster_count = 0, class_count = 0;
  for (const std::size_t c : clusters) cluster_count = std::max(cluster_count, c + 1);
  for (const auto& k : classes) class_count = std::max(class_count, k ? *k + 1 : 0);
  Contingency table(cluster_count, std::vector<std::size_t>(class_count, 0));
  for (std::size_t i = 0; i < clusters.size(); ++i)
    if (classes[i]) ++table[clusters[i]][*classes[i]];
  return table;
}

double purity(const Contingency& table) {
  std::size_t right = 0;
  for (const std::vector<std::size_t>& row : table) right += std::ranges::max(row);
  return share(right, table);
}

double adjusted_rand_index(const Contingency& table) {
  const std::size_t n = total(table);
  double together = 0, in_clusters = 0, in_classes = 0;  // pairs of rows
  std::vector<std::size_t> class_sizes(table.empty() ? 0 : table[0].size(), 0);
  for (const std::vector<std::size_t>& row : table) {
    std::size_t size = 0;
    for (std::size_t k = 0; k < row.size(); ++k) {
      together += pairs(row[k]);
      class_sizes[k] += row[k];
      size += row[k];
    }
    in_clusters += pairs(size);
  }
  for (const std::size_t size : class_sizes) in_classes += pairs(size);
  const double expected = n < 2 ? 0 : in_clusters * in_classes / pairs(n);
  const double most = (in_clusters + in_classes) / 2;
  return most == expected ? 1 : (together - expected) / (most - expected);
}

BestMatch best_match(const Contingency& table) {
  // Vertices: clusters, then classes. An edge weighs the rows that are both.
  using Graph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                            boost::property<boost::edge_weight_t, long>>;
  const std::size_t clusters = table.size();
  const std::size_t classes = table.empty() ? 0 : table[0].size();
  Graph graph(clusters + classes);
  for (std::size_t c = 0; c < clusters; ++c)
    for (std::size_t k = 0; k < classes; ++k)
      if (table[c][k] > 0) boost::add_edge(c, clusters + k, static_cast<long>(table[c][k]), graph);
  std::vector<Graph::vertex_descriptor> mates(clusters + classes);
  boost::maximum_weighted_matching(graph, mates.data());

  BestMatch match{.class_of = std::vector<std::optional<std::size_t>>(clusters)};
  std::size_t right = 0;
  for (std::size_t c = 0; c < clusters; ++c) {
    if (mates[c] == Graph::null_vertex()) continue;
    match.class_of[c] = mates[c] - clusters;
    right += table[c][*match.class_of[c]];
  }
  match.accuracy = share(right, table);
  return match;
}

}  // namespace steelsight
