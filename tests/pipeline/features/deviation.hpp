#pragma once
// How far what a network gives is from what it should.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace steelsight {

// The largest difference, relative to the largest of the expected values.
inline double deviation(std::span<const float> got, std::span<const float> expected) {
  EXPECT_EQ(got.size(), expected.size());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    EXPECT_TRUE(std::isfinite(got[i])) << "value " << i;
    difference = std::max(difference, std::fabs(static_cast<double>(got[i] - expected[i])));
    largest = std::max(largest, std::fabs(static_cast<double>(expected[i])));
  }
  return difference / largest;
}

}  // namespace steelsight
