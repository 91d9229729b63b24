#include "pipeline/check/outliers.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace steelsight::outliers_test {
namespace {

using Values = std::vector<std::optional<double>>;
using Classes = std::vector<std::optional<std::size_t>>;

TEST(Outliers, AreFarFromTheMedianOfTheirClass) {
  // Median 5.5, of the distances 2.5.
  const Values values{1, 2, 3, 4, 5, 6, 7, 8, 9, 100};
  const std::vector<Outlier> found = find_outliers(values, Classes(10, 0));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].item, 9u);
  EXPECT_EQ(found[0].median, 5.5);
  EXPECT_NEAR(found[0].score, 0.6745 * 94.5 / 2.5, 1e-12);
}

TEST(Outliers, OfOneClassMayBeUsualInAnother) {
  Values values;
  Classes classes;
  for (int i = 0; i < 10; ++i) {
    values.insert(values.end(), {0.1 * i, 100 + 0.1 * i});
    classes.insert(classes.end(), {0, 1});
  }
  EXPECT_TRUE(find_outliers(values, classes).empty());
  values[0] = 100;
  values[3] = std::nullopt;
  ASSERT_EQ(find_outliers(values, classes).size(), 1u);
}

TEST(Outliers, AreNotLookedForAmongFewOrWithoutScale) {
  EXPECT_TRUE(find_outliers({1, 2, 3, 4, 100}, Classes(5, 0)).empty());
  Values same(20, 1.0);
  same[0] = 100;
  EXPECT_TRUE(find_outliers(same, Classes(20, 0)).empty());
  EXPECT_THROW(find_outliers({1}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::outliers_test
