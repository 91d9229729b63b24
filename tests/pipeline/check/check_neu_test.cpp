// On the real NEU-CLS images, whose folder is in the environment variable STEELSIGHT_NEU_DIR.
#include <gmock/gmock.h>

#include <cstdlib>

#include "pipeline/check/check.hpp"

namespace steelsight::check_neu_test {
namespace {

TEST(CheckNeu, HasOneByteIdenticalPairAndNothingElse) {
  const char* folder = std::getenv("STEELSIGHT_NEU_DIR");
  if (folder == nullptr) GTEST_SKIP() << "STEELSIGHT_NEU_DIR is not set";
  Console quiet(true);
  const CheckResult result = check({.dataset = folder}, quiet);
  EXPECT_EQ(result.images, 1500u);
  ASSERT_EQ(result.classes.size(), 6u);
  for (const CheckResult::ClassSize& size : result.classes) EXPECT_EQ(size.images, 250u);
  EXPECT_EQ(result.imbalance(), 1);
  EXPECT_EQ(result.unlabelled, 0u);
  using Names = std::vector<std::string>;
  EXPECT_EQ(result.identical, (std::vector<Names>{{"Pa_101.bmp", "Pa_105.bmp"}}));
  EXPECT_TRUE(result.near_duplicates.empty());
  EXPECT_TRUE(result.unreadable.empty());
  EXPECT_TRUE(result.single_colour.empty());
  EXPECT_TRUE(result.conflicts.empty());
  EXPECT_TRUE(result.warnings.empty());
  ASSERT_EQ(result.formats.size(), 1u);
  EXPECT_EQ(result.formats[0].images, 1500u);
  EXPECT_FALSE(result.serious());
}

}  // namespace
}  // namespace steelsight::check_neu_test
