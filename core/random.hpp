#pragma once
// A counter-based random generator: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
// as 1, 2, 3", SC 2011). The same seed gives the same numbers on every machine and in every thread.
//
//   Random root(seed);
//   Random r = root.child(kAugmentation).child(epoch).child(image);   // independent of call order
//   float brightness = r.uniform(-0.2f, 0.2f);
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace steelsight {

class Random {
 public:
  explicit Random(std::uint64_t seed) : key_(seed) {}

  // A generator of its own for `tag`; depends on the seed and the tags that led here, not on how
  // many numbers were drawn.
  Random child(std::uint64_t tag) const;

  std::uint32_t next32();
  std::uint64_t next64();
  // In [0, 1), a multiple of 2^-24.
  float uniform();
  // In [low, high).
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  // In [0, bound), without bias. Throws std::invalid_argument for bound 0.
  std::uint64_t below(std::uint64_t bound);
  // Mean 0, standard deviation 1 (Box-Muller).
  float normal();
  bool chance(float probability) { return uniform() < probability; }

  // Fisher-Yates.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t key_;
  std::uint64_t block_ = 0;  // index of the next block of four words
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
};

// One Philox4x32-10 block, public for its published test vectors.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

}  // namespace steelsight
