#include "evaluation/reliability.hpp"

#include <gtest/gtest.h>

namespace steelsight::reliability_test {
namespace {

TEST(ConfidenceBins, AreFifteenAndOpenBelow) {
  const std::vector<Judged> images = {
      {0, false}, {0.05f, true}, {0.2f, true}, {0.25f, false}, {1, true}};
  const std::vector<ConfidenceBin> bins = confidence_bins(images);
  ASSERT_EQ(bins.size(), 15u);
  EXPECT_EQ(bins[0].n, 2u);
  EXPECT_EQ(bins[0].correct, 1u);
  EXPECT_FLOAT_EQ(static_cast<float>(bins[0].mean_confidence()), 0.025f);
  EXPECT_EQ(bins[0].accuracy(), 0.5);
  EXPECT_EQ(bins[3].n, 2u);  // (0.2, 0.2667]: as a float, 0.2 lies above
  EXPECT_EQ(bins[14].n, 1u);
  EXPECT_EQ(bins[14].high, 1);
  for (std::size_t i = 1; i < bins.size(); ++i) EXPECT_EQ(bins[i].low, bins[i - 1].high);
}

TEST(ConfidenceBins, AreThereWithoutImages) {
  for (const ConfidenceBin& bin : confidence_bins({})) EXPECT_EQ(bin.n, 0u);
}

}  // namespace
}  // namespace steelsight::reliability_test
