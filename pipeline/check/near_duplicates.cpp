#include "pipeline/check/near_duplicates.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "core/parallel.hpp"

namespace steelsight {
namespace {

// Two blocks of 64 fingerprints are 512 KiB and stay in a core's second-level cache while each of
// the one meets each of the other.
constexpr std::size_t kBlock = 64;

struct Pair {
  std::size_t a = 0, b = 0;
  float similarity = 0;
};

// similarity() in single precision. The sums are separate so that the compiler may compute them
// side by side in vector registers, which it must not do with one sum of floats.
float fast_similarity(const Fingerprint& a, const Fingerprint& b) {
  constexpr std::size_t kLanes = 16;
  static_assert(kFingerprintSide * kFingerprintSide % kLanes == 0);
  const float* x = a.values.data();
  const float* y = b.values.data();
  float sums[kLanes] = {};
  for (std::size_t i = 0; i < a.values.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += x[i + lane] * y[i + lane];
  return std::accumulate(std::begin(sums), std::end(sums), 0.0f);
}

// Pairs of an item of the block and an item behind it, taken block by block.
std::vector<Pair> similar_pairs(const std::vector<Fingerprint>& prints, std::size_t block,
                                float threshold) {
  const auto end_after = [&](std::size_t begin) { return std::min(prints.size(), begin + kBlock); };
  const std::size_t first = block * kBlock;
  std::vector<Pair> pairs;
  for (std::size_t second = first; second < prints.size(); second += kBlock)
    for (std::size_t a = first; a < end_after(first); ++a)
      for (std::size_t b = std::max(a + 1, second); b < end_after(second); ++b) {
        const float similarity = fast_similarity(prints[a], prints[b]);
        if (similarity >= threshold) pairs.push_back({a, b, similarity});
      }
  return pairs;
}

}  // namespace

std::vector<NearDuplicates> find_near_duplicates(const std::vector<Fingerprint>& prints,
                                                 const NearDuplicateOptions& options) {
  std::mutex mutex;  // guards the following; neither depends on the order of pairs
  DisjointSets sets(prints.size());
  std::vector<float> nearest(prints.size(), 0);
  const auto compare_block = [&](std::size_t block) {
    const std::vector<Pair> pairs = similar_pairs(prints, block, options.threshold);
    const std::lock_guard lock(mutex);
    for (const auto& [a, b, similarity] : pairs) {
      sets.join(a, b);
      nearest[a] = std::max(nearest[a], similarity);
      nearest[b] = std::max(nearest[b], similarity);
    }
  };
  for_each_index(
      (prints.size() + kBlock - 1) / kBlock, options.threads, compare_block,
      [&](std::size_t done) { options.progress(std::min(prints.size(), done * kBlock)); });

  std::vector<NearDuplicates> found;
  for (std::vector<std::size_t>& items : groups_in(sets, prints.size())) {
    float similarity = 1;
    for (const std::size_t item : items) similarity = std::min(similarity, nearest[item]);
    found.push_back({.items = std::move(items), .similarity = similarity});
  }
  return found;
}

std::vector<std::vector<std::size_t>> groups_in(DisjointSets& sets, std::size_t size) {
  std::map<std::size_t, std::vector<std::size_t>> by_first;
  for (std::size_t i = 0; i < size; ++i) by_first[sets.find(i)].push_back(i);
  std::vector<std::vector<std::size_t>> groups;
  for (auto& [first, group] : by_first)
    if (group.size() >= 2) groups.push_back(std::move(group));
  return groups;
}

}  // namespace steelsight
