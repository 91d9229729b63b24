#include "models/tensor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "models/error.hpp"

namespace steelsight {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Tensor, CountsElements) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({64, 3, 3, 3}), 1728);
  EXPECT_EQ(element_count({5, 0, 7}), 0);
  EXPECT_EQ(element_count({std::int64_t{1} << 60}), std::int64_t{1} << 60);
}

TEST(Tensor, RefusesNegativeAndOverflowingShapes) {
  EXPECT_THAT([] { element_count({2, -1}); }, ThrowsMessage<ModelError>(HasSubstr("2x-1")));
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{std::int64_t{1} << 61},
                                              {std::int64_t{1} << 31, std::int64_t{1} << 30},
                                              {std::int64_t{1} << 32, std::int64_t{1} << 32},
                                              {3, std::numeric_limits<std::int64_t>::max()}})
    EXPECT_THAT([&] { element_count(shape); },
                ThrowsMessage<ModelError>(HasSubstr("too many elements")));
}

TEST(Tensor, WritesShapes) {
  EXPECT_EQ(to_string(std::vector<std::int64_t>{64, 3, 3, 3}), "64x3x3x3");
  EXPECT_EQ(to_string(std::vector<std::int64_t>{10}), "10");
  EXPECT_EQ(to_string(std::vector<std::int64_t>{}), "scalar");
}

}  // namespace
}  // namespace steelsight
