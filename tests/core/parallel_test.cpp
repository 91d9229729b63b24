#include "core/parallel.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace steelsight::parallel_test {
namespace {

// So that no thread is through with all rounds before another has ended the loop.
void linger() {
  std::this_thread::sleep_for(std::chrono::microseconds(100));
}

class ForEachIndex : public testing::TestWithParam<std::size_t> {};

TEST_P(ForEachIndex, RunsEachRoundOnce) {
  for (const std::size_t count : {0, 1, 2, 1000}) {
    std::vector<std::atomic<int>> runs(count);
    for_each_index(
        count, GetParam(), [&](std::size_t i) { ++runs.at(i); }, [](std::size_t) {});
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(runs[i], 1) << i << " of " << count;
  }
}

TEST_P(ForEachIndex, TellsItsProgressOnTheCallingThread) {
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<std::size_t> told;
  for_each_index(
      100, GetParam(), [](std::size_t) { std::this_thread::yield(); },
      [&](std::size_t done) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        told.push_back(done);
      });
  EXPECT_TRUE(std::ranges::is_sorted(told));
  if (GetParam() == 1) {  // else others may have done all of them
    EXPECT_EQ(told.size(), 100u);
  }
  EXPECT_THAT(told, testing::Each(testing::AllOf(testing::Ge(1u), testing::Le(100u))));
}

TEST_P(ForEachIndex, ThrowsWhatARoundThrows) {
  std::atomic<int> runs{0};
  const auto run = [&] {
    for_each_index(
        100000, GetParam(),
        [&](std::size_t i) {
          ++runs;
          if (i == 5) throw std::runtime_error("round 5");
          linger();
        },
        [](std::size_t) {});
  };
  EXPECT_THAT(run, testing::ThrowsMessage<std::runtime_error>("round 5"));
  EXPECT_GE(runs, 6);
  EXPECT_LT(runs, 100000);
}

TEST_P(ForEachIndex, IsInterruptedByProgress) {
  std::atomic<std::size_t> runs{0};
  const auto run = [&] {
    for_each_index(
        100000, GetParam(),
        [&](std::size_t) {
          ++runs;
          linger();
        },
        [](std::size_t done) {
          if (done >= 3) throw std::runtime_error("enough");
        });
  };
  EXPECT_THAT(run, testing::ThrowsMessage<std::runtime_error>("enough"));
  EXPECT_GE(runs, 3u);
  EXPECT_LT(runs, 100000u);
}

INSTANTIATE_TEST_SUITE_P(Threads, ForEachIndex, testing::Values(1, 2, 7));

TEST(ThreadCount, ZeroIsAtLeastOne) {
  EXPECT_GE(thread_count(0), 1u);
  EXPECT_EQ(thread_count(3), 3u);
}

}  // namespace
}  // namespace steelsight::parallel_test
