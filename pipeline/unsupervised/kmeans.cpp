#include "pipeline/unsupervised/kmeans.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <opencv2/core.hpp>
#include <stdexcept>

namespace steelsight {
namespace {

// The place of each cluster when they are sorted by size.
std::vector<std::size_t> places_by_size(const cv::Mat& labels, std::size_t clusters) {
  std::vector<std::size_t> sizes(clusters, 0), firsts(clusters, 0);
  for (int i = labels.rows - 1; i >= 0; --i) {
    const auto c = static_cast<std::size_t>(labels.at<int>(i));
    ++sizes[c];
    firsts[c] = static_cast<std::size_t>(i);
  }
  std::vector<std::size_t> order(clusters);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return sizes[a] != sizes[b] ? sizes[a] > sizes[b] : firsts[a] < firsts[b];
  });
  std::vector<std::size_t> places(clusters);
  for (std::size_t place = 0; place < clusters; ++place) places[order[place]] = place;
  return places;
}

struct Attempt {
  cv::Mat labels, centres;
};

// One after the other, from one sequence of random numbers: what cv::kmeans does with that many
// attempts, but it can't be stopped between them.
Attempt best_attempt(const cv::Mat& rows, const KMeansOptions& options) {
  Attempt best;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < options.attempts; ++i) {
    Attempt attempt;
    const double inertia = cv::kmeans(
        rows, static_cast<int>(options.clusters), attempt.labels,
        {cv::TermCriteria::COUNT + cv::TermCriteria::EPS, static_cast<int>(options.iterations), 0},
        /*attempts=*/1, cv::KMEANS_PP_CENTERS, attempt.centres);
    if (inertia < least || i == 0) {
      least = inertia;
      best = attempt;
    }
    options.progress(i + 1);
  }
  return best;
}

}  // namespace

KMeans kmeans(const cv::Mat& rows, const KMeansOptions& options) {
  if (options.clusters == 0 || options.clusters > static_cast<std::size_t>(rows.rows))
    throw std::invalid_argument("kmeans: " + std::to_string(options.clusters) +
                                " clusters, expected 1 to " + std::to_string(rows.rows) +
                                ", the number of rows");
  cv::theRNG().state = options.seed * 0x9E3779B97F4A7C15u + 1;  // a state of 0 would stay 0
  const auto [labels, centres] = best_attempt(rows, options);
  const std::vector<std::size_t> places = places_by_size(labels, options.clusters);
  KMeans result{.cluster = {}, .centres = cv::Mat(centres.size(), CV_64F)};
  for (std::size_t c = 0; c < options.clusters; ++c)
    centres.row(static_cast<int>(c))
        .convertTo(result.centres.row(static_cast<int>(places[c])), CV_64F);
  for (int i = 0; i < rows.rows; ++i) {
    const std::size_t place = places[static_cast<std::size_t>(labels.at<int>(i))];
    result.cluster.push_back(place);
    cv::Mat distance;
    rows.row(i).convertTo(distance, CV_64F);
    distance -= result.centres.row(static_cast<int>(place));
    result.inertia += distance.dot(distance);
  }
  return result;
}

}  // namespace steelsight
