#include "models/onednn/arena.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.hpp"
#include "models/onednn/builder.hpp"

namespace steelsight::onednn::arena_test {
namespace {

bool overlap(std::size_t a, std::size_t a_end, std::size_t b, std::size_t b_end) {
  return a < b_end && b < a_end;
}

std::size_t bytes_of(const std::vector<Life>& lives, const std::vector<std::size_t>& offsets) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < lives.size(); ++i)
    bytes = std::max(bytes, offsets[i] + lives[i].bytes);
  return bytes;
}

// No order of the offsets can do with less.
std::size_t bytes_alive_at_once(const std::vector<Life>& lives) {
  std::size_t most = 0;
  for (const Life& now : lives) {
    std::size_t sum = 0;
    for (const Life& life : lives)
      if (life.first <= now.first && now.first < life.end) sum += life.bytes;
    most = std::max(most, sum);
  }
  return most;
}

TEST(AssignOffsets, WhatLivesAtTheSameTimeLiesApart) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<Life> lives;
    for (int i = 0; i < 40; ++i) {
      const std::size_t first = random.below(60);
      lives.push_back({64 * (1 + random.below(100)), first, first + 1 + random.below(12)});
    }
    const std::vector<std::size_t> offsets = assign_offsets(lives);
    for (std::size_t a = 0; a < lives.size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        if (overlap(lives[a].first, lives[a].end, lives[b].first, lives[b].end)) {
          EXPECT_FALSE(overlap(offsets[a], offsets[a] + lives[a].bytes, offsets[b],
                               offsets[b] + lives[b].bytes))
              << a << " and " << b;
        }
    EXPECT_LE(bytes_of(lives, offsets), 3 * bytes_alive_at_once(lives) / 2);
  }
}

TEST(AssignOffsets, AChainTakesWhatItsLargestLayerReadsAndWrites) {
  std::vector<Life> lives;
  const std::vector<std::size_t> sizes{640, 6400, 6400, 1600, 3200, 3200, 800, 64};
  for (std::size_t i = 0; i < sizes.size(); ++i) lives.push_back({sizes[i], i, i + 2});
  EXPECT_EQ(bytes_of(lives, assign_offsets(lives)), 12800u);
}

class ArenaTest : public testing::Test {
 protected:
  Value allocate(std::int64_t count) {
    return arena_.allocate(plain({count}), engine_, arena_.now());
  }
  static void* bytes_of(const dnnl::memory& memory) { return memory.get_data_handle(); }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  Arena arena_;
};

TEST_F(ArenaTest, AValueThatIsDroppedGivesItsBytesToLaterSteps) {
  Value first = allocate(16);
  const dnnl::memory first_memory = first.memory;
  const Value second = allocate(16);
  arena_.advance();  // the step that reads the first and writes the second
  first = {};
  const Value third = allocate(16);
  arena_.advance();
  EXPECT_EQ(bytes_of(second.memory), nullptr);
  arena_.place();
  EXPECT_EQ(arena_.bytes(), 2 * (16 * sizeof(float)));
  EXPECT_EQ(bytes_of(third.memory), bytes_of(first_memory));
  EXPECT_NE(bytes_of(third.memory), bytes_of(second.memory));
}

TEST_F(ArenaTest, AViewLiesWhereItsValueDoesAndKeepsItAlive) {
  Value value = allocate(16);
  const Value view = Arena::view(value, plain({4, 4}), engine_);
  value = {};
  arena_.advance();
  const Value other = allocate(16);
  arena_.advance();
  arena_.place();
  EXPECT_NE(bytes_of(view.memory), nullptr);
  EXPECT_NE(bytes_of(view.memory), bytes_of(other.memory));
  EXPECT_EQ(dims_of(view.desc()), (Dims{4, 4}));
}

TEST_F(ArenaTest, WhatWasTakenIsMovedByTheOneWhoTookIt) {
  const Value value = allocate(16);
  const Value view = Arena::view(value, plain({2, 8}), engine_);
  const std::shared_ptr<Block> block = arena_.take(value);
  arena_.place();
  EXPECT_EQ(arena_.bytes(), 0u);
  std::vector<float> elsewhere(32);
  block->move_to(&elsewhere[16]);
  EXPECT_EQ(bytes_of(value.memory), &elsewhere[16]);
  EXPECT_EQ(bytes_of(view.memory), &elsewhere[16]);
}

}  // namespace
}  // namespace steelsight::onednn::arena_test
