#pragma once
// Which of many images show the same: every fingerprint is compared with every other.
#include <cstddef>
#include <functional>
#include <vector>

#include "datasets/stratify.hpp"
#include "preprocessing/fingerprint.hpp"

namespace steelsight {

struct NearDuplicates {
  std::vector<std::size_t> items;  // positions of fingerprints, ascending, at least 2
  float similarity = 0;            // each is at least so similar to another one of the group
};

struct NearDuplicateOptions {
  float threshold = kNearDuplicate;  // of similarity(); above 0
  std::size_t threads = 1;
  // Called now and then on the calling thread, with the number of items compared; may throw to
  // stop.
  std::function<void(std::size_t done)> progress = [](std::size_t) {};
};

// Groups connected by pairs of at least the threshold, by their first item. A fingerprint that is
// all 0 is like nothing. n^2 / 2 products of 1024 floats: 20 000 images take about 20 s on one
// core. Memory beside the fingerprints grows with n, however many pairs are found.
std::vector<NearDuplicates> find_near_duplicates(const std::vector<Fingerprint>& prints,
                                                 const NearDuplicateOptions& options = {});

// The sets of at least two of the indices below `size`, ascending, by their first index.
std::vector<std::vector<std::size_t>> groups_in(DisjointSets& sets, std::size_t size);

}  // namespace steelsight
