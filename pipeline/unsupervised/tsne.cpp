#include "pipeline/unsupervised/tsne.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "core/parallel.hpp"
#include "core/random.hpp"
#include "pipeline/unsupervised/affinities.hpp"
#include "pipeline/unsupervised/pca.hpp"

namespace steelsight {
namespace {

constexpr double kStartDeviation = 1e-4;  // for the first coordinate

std::vector<MapPoint> random_start(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<MapPoint> points(count);
  for (MapPoint& point : points)
    point = {kStartDeviation * static_cast<double>(random.normal()),
             kStartDeviation * static_cast<double>(random.normal())};
  return points;
}

std::vector<MapPoint> principal_start(const cv::Mat& rows) {
  const Pca pca = fit_pca(rows);
  const cv::Mat coordinates = project(pca, rows, 2);
  const double deviation = std::sqrt(pca.variance[0]);
  const double scale = deviation > 0 ? kStartDeviation / deviation : 0;
  std::vector<MapPoint> points;
  for (int i = 0; i < coordinates.rows; ++i) {
    const float* at = coordinates.ptr<float>(i);
    points.push_back({scale * static_cast<double>(at[0]),
                      coordinates.cols > 1 ? scale * static_cast<double>(at[1]) : 0});
  }
  return points;
}

double weight_of(const MapPoint& a, const MapPoint& b) {
  return 1 / (1 + (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

// The same as QuadTree's repulsion with theta = 0, but faster.
QuadTree::Repulsion repulsion_by_all(std::span<const MapPoint> points, const MapPoint& point) {
  QuadTree::Repulsion sum{.force = {}, .weight = -1};  // the point itself weighs 1
  for (const MapPoint& other : points) {
    const double w = weight_of(point, other);
    sum.weight += w;
    sum.force.x += w * w * (point.x - other.x);
    sum.force.y += w * w * (point.y - other.y);
  }
  return sum;
}

MapPoint attraction(const Affinities& p, std::span<const MapPoint> points, std::size_t i) {
  MapPoint force;
  for (std::size_t k = p.first[i]; k < p.first[i + 1]; ++k) {
    const MapPoint& other = points[p.other[k]];
    const double pull = p.value[k] * weight_of(points[i], other);
    force.x += pull * (points[i].x - other.x);
    force.y += pull * (points[i].y - other.y);
  }
  return force;
}

class Descent {
 public:
  Descent(Affinities p, std::vector<MapPoint> start, const TsneOptions& options)
      : options_(options),
        p_(std::move(p)),
        points_(std::move(start)),
        attraction_(points_.size()),
        repulsion_(points_.size()),
        step_(points_.size()),
        gain_(points_.size(), {1, 1}) {
    constexpr double kLeastRate = 50;
    rate_ = options.learning_rate > 0
                ? options.learning_rate
                : std::max(static_cast<double>(points_.size()) / options.early_exaggeration / 4,
                           kLeastRate);
  }

  Tsne run() {
    for (std::size_t i = 0; i < options_.iterations; ++i) {
      const bool is_early = i < options_.exaggerated_iterations;
      iterate(is_early ? options_.early_exaggeration : 1, is_early ? 0.5 : 0.8);
      options_.progress(done_ = i + 1);
    }
    const double divergence = kl_divergence();
    return {.points = std::move(points_), .kl_divergence = divergence};
  }

 private:
  void compute_forces() {
    const QuadTree tree(options_.barnes_hut ? std::span<const MapPoint>(points_)
                                            : std::span<const MapPoint>());
    for_each_index(
        points_.size(), options_.threads,
        [&](std::size_t i) {
          attraction_[i] = attraction(p_, points_, i);
          repulsion_[i] = options_.barnes_hut ? tree.repulsion(points_[i], options_.theta)
                                              : repulsion_by_all(points_, points_[i]);
        },
        [&](std::size_t) { options_.progress(done_); });
  }

  // Gradient descent with momentum; a coordinate that keeps its direction gains speed (Jacobs
  // 1988).
  void move(double gradient, double momentum, double& gain, double& step) const {
    constexpr double kLeastGain = 0.01;
    gain = std::max(gradient * step < 0 ? gain + 0.2 : gain * 0.8, kLeastGain);
    step = momentum * step - rate_ * gain * gradient;
  }

  void iterate(double exaggeration, double momentum) {
    compute_forces();
    double z = 0;
    for (const QuadTree::Repulsion& repulsion : repulsion_) z += repulsion.weight;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const MapPoint& pull = attraction_[i];
      const MapPoint& push = repulsion_[i].force;
      move(4 * (exaggeration * pull.x - push.x / z), momentum, gain_[i].x, step_[i].x);
      move(4 * (exaggeration * pull.y - push.y / z), momentum, gain_[i].y, step_[i].y);
      points_[i].x += step_[i].x;
      points_[i].y += step_[i].y;
    }
    centre();
  }

  void centre() {
    MapPoint mean;
    for (const MapPoint& point : points_) {
      mean.x += point.x / static_cast<double>(points_.size());
      mean.y += point.y / static_cast<double>(points_.size());
    }
    for (MapPoint& point : points_) point = {point.x - mean.x, point.y - mean.y};
  }

  // Takes each pair once, row by row. The sum is the same for any number of threads.
  double sum_of_weights() const {
    std::vector<double> of_row(points_.size(), 0.0);
    for_each_index(
        points_.size(), options_.threads,
        [&](std::size_t i) {
          for (std::size_t j = i + 1; j < points_.size(); ++j)
            of_row[i] += 2 * weight_of(points_[i], points_[j]);
        },
        [&](std::size_t) { options_.progress(options_.iterations); });
    return std::accumulate(of_row.begin(), of_row.end(), 0.0);
  }

  double kl_divergence() const {
    const double z = sum_of_weights();
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i)
      for (std::size_t k = p_.first[i]; k < p_.first[i + 1]; ++k) {
        const double q = weight_of(points_[i], points_[p_.other[k]]) / z;
        if (p_.value[k] > 0)
          sum +=
              p_.value[k] * std::log(p_.value[k] / std::max(q, std::numeric_limits<double>::min()));
      }
    return sum;
  }

  const TsneOptions& options_;
  const Affinities p_;
  double rate_ = 0;
  std::size_t done_ = 0;  // iterations
  std::vector<MapPoint> points_, attraction_;
  std::vector<QuadTree::Repulsion> repulsion_;
  std::vector<MapPoint> step_, gain_;
};

}  // namespace

Tsne tsne(const cv::Mat& rows, const TsneOptions& options) {
  const auto count = static_cast<std::size_t>(rows.rows);
  if (count < 4)
    throw std::invalid_argument("tsne: " + std::to_string(count) + " rows, expected 4 or more");
  if (!(options.perplexity >= 1 && options.perplexity < static_cast<double>(count)))
    throw std::invalid_argument("tsne: perplexity is " + std::to_string(options.perplexity) +
                                ", expected 1 to less than the " + std::to_string(count) + " rows");
  const auto near = static_cast<std::size_t>(3 * options.perplexity + 1);
  const std::size_t neighbours = options.barnes_hut ? std::min(near, count - 1) : count - 1;
  Affinities p =
      affinities(nearest_neighbours(RowDistances(rows),
                                    {.count = neighbours,
                                     .threads = options.threads,
                                     .progress = [&](std::size_t) { options.progress(0); }}),
                 options.perplexity);
  return Descent(std::move(p),
                 options.start_random ? random_start(count, options.seed) : principal_start(rows),
                 options)
      .run();
}

}  // namespace steelsight
