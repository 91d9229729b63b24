#include "pipeline/check/near_duplicates.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

#include "core/random.hpp"

namespace steelsight::near_duplicates_test {
namespace {

using Items = std::vector<std::size_t>;

Fingerprint scaled_to_one(Fingerprint print) {
  double squares = 0;
  for (const float value : print.values) squares += value * value;
  for (float& value : print.values) value /= static_cast<float>(std::sqrt(squares));
  return print;
}

Fingerprint random_print(std::uint64_t seed) {
  Random random(seed);
  Fingerprint print;
  for (float& value : print.values) value = random.normal();
  return scaled_to_one(print);
}

// A print of about this similarity with `print`: a stranger is almost at right angles to it.
Fingerprint relative_of(const Fingerprint& print, double likeness, std::uint64_t seed) {
  Fingerprint mixed = random_print(seed);
  for (std::size_t i = 0; i < mixed.values.size(); ++i)
    mixed.values[i] = static_cast<float>(likeness * print.values[i] +
                                         std::sqrt(1 - likeness * likeness) * mixed.values[i]);
  return scaled_to_one(mixed);
}

std::vector<Items> items_of(const std::vector<NearDuplicates>& groups) {
  std::vector<Items> items;
  for (const NearDuplicates& group : groups) items.push_back(group.items);
  return items;
}

// All pairs by similarity(), joined by hand: the reference.
std::vector<Items> naive_groups(const std::vector<Fingerprint>& prints, float threshold) {
  std::vector<std::size_t> group(prints.size());
  for (std::size_t i = 0; i < group.size(); ++i) group[i] = i;
  for (std::size_t a = 0; a < prints.size(); ++a)
    for (std::size_t b = a + 1; b < prints.size(); ++b)
      if (similarity(prints[a], prints[b]) >= threshold)
        std::ranges::replace(group, std::max(group[a], group[b]), std::min(group[a], group[b]));
  std::vector<Items> found;
  for (std::size_t first = 0; first < prints.size(); ++first) {
    Items items;
    for (std::size_t i = 0; i < group.size(); ++i)
      if (group[i] == first) items.push_back(i);
    if (items.size() >= 2) found.push_back(items);
  }
  return found;
}

// Sizes around the edges of a block of 64, and copies that lie in other blocks.
TEST(NearDuplicates, AgreeWithANaiveLoop) {
  for (const std::size_t size : {0, 1, 2, 63, 64, 65, 130}) {
    std::vector<Fingerprint> prints;
    for (std::size_t i = 0; i < size; ++i)
      prints.push_back(i % 3 == 1   ? relative_of(prints[i / 2], 0.98, 1000 + i)
                       : i % 7 == 3 ? Fingerprint{}
                                    : random_print(i));
    for (const std::size_t threads : {1, 3})
      EXPECT_EQ(items_of(find_near_duplicates(prints, {.threads = threads})),
                naive_groups(prints, kNearDuplicate))
          << size << " prints, " << threads << " threads";
  }
}

TEST(NearDuplicates, ThresholdDivides) {
  const Fingerprint print = random_print(1);
  const std::vector<Fingerprint> prints{print, random_print(2), relative_of(print, 0.9, 3)};
  const float between = similarity(prints[0], prints[2]);
  EXPECT_NEAR(between, 0.9, 0.05);
  EXPECT_TRUE(find_near_duplicates(prints).empty());
  EXPECT_TRUE(find_near_duplicates(prints, {.threshold = between + 1e-4f}).empty());
  const auto found = find_near_duplicates(prints, {.threshold = between - 1e-4f});
  ASSERT_EQ(items_of(found), (std::vector<Items>{{0, 2}}));
  EXPECT_NEAR(found[0].similarity, between, 1e-5);
}

// a - b - c: a and c belong together by b alone. The similarity is the weaker link's.
TEST(NearDuplicates, ChainsAreOneGroup) {
  const Fingerprint b = random_print(1);
  const std::vector<Fingerprint> prints{relative_of(b, 0.97, 2), random_print(9), b,
                                        relative_of(b, 0.99, 3)};
  const float weak = similarity(prints[0], prints[2]);
  ASSERT_LT(weak, similarity(prints[2], prints[3]));
  ASSERT_GT(weak, similarity(prints[0], prints[3]));
  const auto found = find_near_duplicates(prints, {.threshold = weak - 1e-4f});
  ASSERT_EQ(items_of(found), (std::vector<Items>{{0, 2, 3}}));
  EXPECT_NEAR(found[0].similarity, weak, 1e-5);
}

TEST(NearDuplicates, FlatImagesAreLikeNothing) {
  EXPECT_TRUE(find_near_duplicates(std::vector<Fingerprint>(5)).empty());
}

TEST(NearDuplicates, ProgressReachesTheEndAndMayStop) {
  const std::vector<Fingerprint> prints(200);
  std::size_t last = 0;
  find_near_duplicates(prints, {.progress = [&](std::size_t done) { last = done; }});
  EXPECT_EQ(last, 200u);
  const auto stopped = [&] {
    find_near_duplicates(prints,
                         {.progress = [](std::size_t) { throw std::runtime_error("stop"); }});
  };
  EXPECT_THAT(stopped, testing::ThrowsMessage<std::runtime_error>("stop"));
}

TEST(GroupsIn, AreSortedAndLeaveSinglesOut) {
  DisjointSets sets(6);
  sets.join(5, 1);
  sets.join(4, 0);
  sets.join(5, 3);
  EXPECT_EQ(groups_in(sets, 6), (std::vector<Items>{{0, 4}, {1, 3, 5}}));
}

}  // namespace
}  // namespace steelsight::near_duplicates_test
