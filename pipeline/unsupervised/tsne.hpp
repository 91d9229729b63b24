#pragma once
// t-SNE: rows of many columns as points of a plane, neighbours beside each other (van der Maaten
// and Hinton 2008, JMLR 9, 2579; the Barnes-Hut form of van der Maaten 2014, JMLR 15, 3221).
//
//   const Tsne map = tsne(rows, {.perplexity = 30, .seed = 1});
//   map.points[0], map.kl_divergence
#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "pipeline/unsupervised/quad_tree.hpp"

namespace steelsight {

struct TsneOptions {
  double perplexity = 30;  // about how many neighbours count; below the number of rows
  // Barnes-Hut: attraction by 3 * perplexity + 1 neighbours alone, repulsion by a quadtree with
  // `theta`. false: all pairs; time and memory grow with the square of the rows.
  bool barnes_hut = true;
  double theta = 0.5;
  double early_exaggeration = 12;  // of the attraction, in the first iterations
  std::size_t exaggerated_iterations = 250;
  std::size_t iterations = 1000;  // in all
  double learning_rate = 0;       // 0: rows / early_exaggeration / 4, at least 50 (Belkina 2019)
  // The map begins as the first two principal components (Kobak and Linderman 2021), or as random
  // numbers drawn from the seed.
  bool start_random = false;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  // Called on the caller's thread after each iteration, and again and again before the first and
  // after the last one; may throw to stop.
  std::function<void(std::size_t done)> progress = [](std::size_t) {};
};

struct Tsne {
  std::vector<MapPoint> points;  // a row each, around (0, 0)
  // The divergence of the map from the affinities of the rows, in nats. t-SNE makes it small. With
  // Barnes-Hut it takes the affinities of neighbours alone, but all pairs of the map.
  double kl_divergence = 0;
};

// rows: N x D, CV_32F. The same whatever `threads` is. Throws std::invalid_argument for less than 4
// rows, or a perplexity that is not from 1 to below N.
Tsne tsne(const cv::Mat& rows, const TsneOptions& options = {});

}  // namespace steelsight
