#pragma once
// How far an image is from all that a model knows: in the feature space of its memory, the distance
// to the nearest vector that is remembered. On six classes of steel defects, each left out in turn,
// it finds more of the sixth than confidence and energy of the logits do, and needs nothing but the
// vectors (Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022).
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/feature_memory.hpp"

namespace steelsight {

class Novelty {
 public:
  // Throws std::invalid_argument for an empty memory.
  explicit Novelty(const FeatureMemory& memory);

  // Each feature is standardised by its mean and deviation over the memory; a feature that does not
  // vary there, by its mean alone. The distance is 1 - cosine to the nearest vector: 0 for a vector
  // of the memory, 1 for a vector that has nothing in common with any, 2 for the opposite of all.
  // Throws std::invalid_argument for a vector of another dimension.
  float distance(std::span<const float> feature) const;
  // Of the memory's own vector i to the nearest other one. There are at least two.
  float distance_of(std::size_t i) const;

 private:
  std::vector<float> cosines(std::span<const float> direction) const;
  std::vector<float> direction(std::span<const float> feature) const;

  std::vector<float> mean_, scale_;  // D
  std::vector<float> known_;         // D x n, standardised, of length 1
};

// Of each vector of the memory, its distance to the nearest other one; none for a single vector.
std::vector<float> distances_within(const FeatureMemory& memory);

// The largest distance that counts as known, from the distances of n known images which are not in
// the memory: a new known image is farther with probability `false_alarms` at most, if it is drawn
// as they were (the quantile of split conformal prediction: the k-th smallest, k = ceil((n+1)(1 -
// false_alarms))). Nothing if n is too small for that, n + 1 < 1 / false_alarms. `distances` are
// ascending. Throws std::invalid_argument for a rate outside of [0, 1).
std::optional<float> novelty_threshold(std::span<const float> distances, double false_alarms);

// Positions of at most `per_class` examples of each class, ascending, drawn by the seed. What is
// drawn from a class does not depend on other classes.
std::vector<std::size_t> select_per_class(std::span<const int> labels, std::size_t per_class,
                                          std::uint64_t seed);

}  // namespace steelsight
