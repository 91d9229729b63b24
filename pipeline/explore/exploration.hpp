#pragma once
// What principal components, clusters, a t-SNE map and nearest neighbours say about rows.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/command/console.hpp"
#include "pipeline/explore/explored_data.hpp"
#include "pipeline/unsupervised/clustering_scores.hpp"
#include "pipeline/unsupervised/kmeans.hpp"
#include "pipeline/unsupervised/neighbours.hpp"
#include "pipeline/unsupervised/pca.hpp"
#include "pipeline/unsupervised/tsne.hpp"

namespace steelsight {

struct ExplorationOptions {
  // "none" or "standard" (each column by its mean and deviation) for clusters, map and neighbours;
  // "auto" is "standard" for a table, whose columns have units of their own, otherwise "none".
  std::string scaling = "auto";
  // Clusters, map and neighbours see so many principal components; 0: all columns as they are.
  std::size_t components = 50;
  std::size_t clusters = 0;   // for k-means; 0: as many as classes, or without labels as many as
                              // give the best silhouette, 2 to 10
  std::size_t attempts = 30;  // by k-means
  std::string tsne = "barnes_hut";  // or "exact", or "none"
  std::string tsne_start = "pca";   // or "random"
  double perplexity = 30;           // for t-SNE; at most a third of the rows
  double theta = 0.5;               // for Barnes-Hut
  double early_exaggeration = 12;   // for t-SNE
  std::size_t iterations = 1000;    // by t-SNE
  std::size_t neighbours = 10;      // neighbours that a label is compared with
  std::uint64_t seed = 1;           // for k-means and a random start
  std::size_t threads = 0;          // 0: one for every core
};

// A row most of whose neighbours have another label.
struct Suspect {
  std::size_t row = 0;
  std::size_t suggested = 0;   // the class that most neighbours have
  std::size_t suggesting = 0;  // neighbours that have it
  std::size_t agreeing = 0;    // neighbours that have the row's own
  std::size_t neighbours = 0;  // neighbours that have a label
};

struct LabelScores {
  Contingency table;  // [cluster][class]
  double purity = 0;
  double adjusted_rand_index = 0;
  BestMatch match;
};

struct TriedClusters {
  std::size_t clusters = 0;
  double silhouette = 0;
};

struct Exploration {
  ExplorationOptions options;       // as they were used: scaling, components, clusters, perplexity
  Pca raw, standard;                // of the columns as they are, and standardised
  std::vector<MapPoint> principal;  // the first two components, of the scaling that was used
  KMeans clusters;
  std::vector<double> silhouettes;   // for each row
  double silhouette = 0;             // their mean
  std::vector<TriedClusters> tried;  // where the number of clusters was not given
  std::optional<LabelScores> scores;
  std::optional<Tsne> map;
  std::vector<Suspect> suspects;  // the most certain ones first
};

// Throws ConfigError for more clusters than rows, Interrupted.
Exploration explore_rows(const ExploredData& data, const ExplorationOptions& options,
                         Console& console);

// Rows for whom more than half of the labelled ones among their nearest neighbours have one and the
// same other label.
std::vector<Suspect> find_suspects(const std::vector<std::vector<Neighbour>>& neighbours,
                                   const std::vector<std::optional<std::size_t>>& labels);

}  // namespace steelsight
