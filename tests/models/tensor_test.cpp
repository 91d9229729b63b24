#include "models/tensor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "models/error.hpp"

namespace steelsight::tensor_test {
namespace {

using testing::ElementsAre;
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
                                              {0, std::int64_t{1} << 32, std::int64_t{1} << 32},
                                              {3, std::numeric_limits<std::int64_t>::max()}})
    EXPECT_THAT([&] { element_count(shape); },
                ThrowsMessage<ModelError>(HasSubstr("too many elements")));
}

TEST(Tensor, WritesShapes) {
  EXPECT_EQ(to_string(std::vector<std::int64_t>{64, 3, 3, 3}), "64x3x3x3");
  EXPECT_EQ(to_string(std::vector<std::int64_t>{10}), "10");
  EXPECT_EQ(to_string(std::vector<std::int64_t>{}), "scalar");
}

Values mapped(std::vector<float>& file) {
  return {std::shared_ptr<float>(file.data(), [](float*) {}), file.size()};
}

TEST(MappedValues, LieInTheFileUntilTheyGrow) {
  std::vector<float> file{1, 2, 3};
  Values values = mapped(file);
  EXPECT_TRUE(values.is_mapped());
  EXPECT_THAT(values, ElementsAre(1, 2, 3));
  values[1] = 5;
  EXPECT_THAT(file, ElementsAre(1, 5, 3));
  values.push_back(7);
  EXPECT_FALSE(values.is_mapped());
  EXPECT_THAT(values, ElementsAre(1, 5, 3, 7));
  values[0] = 9;
  EXPECT_THAT(file, ElementsAre(1, 5, 3));
}

TEST(MappedValues, ACopyIsItsOwnAndAMoveIsNot) {
  std::vector<float> file{1, 2};
  Values values = mapped(file);
  Values copy = values;
  EXPECT_FALSE(copy.is_mapped());
  EXPECT_TRUE(copy == values);
  copy[0] = 3;
  EXPECT_THAT(values, ElementsAre(1, 2));
  Values moved = std::move(values);
  EXPECT_TRUE(moved.is_mapped());
  EXPECT_EQ(moved.data(), file.data());
  moved = copy;
  EXPECT_FALSE(moved.is_mapped());
  EXPECT_THAT(moved, ElementsAre(3, 2));
}

}  // namespace
}  // namespace steelsight::tensor_test
