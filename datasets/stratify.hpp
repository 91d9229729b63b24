#pragma once
// Divides units (samples that must stay together) into bins so that every class is spread over the
// bins as the shares ask. For units of one sample the counts are those of the largest-remainder
// method, per class and exactly; larger units come as close as they can.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace steelsight {

struct Unit {
  std::vector<std::size_t> samples;      // not empty, ascending
  std::vector<std::size_t> class_count;  // samples by class; one entry for each class
  std::uint64_t key = 0;                 // random: units of the same size are dealt out by this
};

// Disjoint sets over indices (union-find).
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t size);
  std::size_t find(std::size_t i);  // representative of i's set: its smallest index
  void join(std::size_t i, std::size_t j);

 private:
  std::vector<std::size_t> parent_;
};

// How many of `count` go to each bin: proportional to `shares` (not negative, sum > 0), rounded by
// largest remainder, ties to the earlier bin; while a bin with a share above 0 has none, it gets
// one from the fullest bin that can spare it.
std::vector<std::size_t> apportion(std::size_t count, const std::vector<double>& shares);

// The bin of each unit. Does not depend on the order of `units` as long as their keys differ.
std::vector<std::size_t> stratify(const std::vector<Unit>& units,
                                  const std::vector<double>& shares);

}  // namespace steelsight
