#include "datasets/natural_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/random.hpp"

namespace steelsight::natural_order_test {
namespace {

// In ascending order.
const std::vector<std::string> kOrdered = {"",
                                           "007",
                                           "07",
                                           "7",
                                           "7a",
                                           "07b",
                                           "10",
                                           "18446744073709551616",
                                           "18446744073709551617",
                                           "A",
                                           "Cr_1.bmp",
                                           "Cr_2.bmp",
                                           "Cr_10.bmp",
                                           "Cr_10a.bmp",
                                           "a",
                                           "a/2/1",
                                           "a/10/1",
                                           "a0",
                                           "a0b",
                                           "a1",
                                           "a1b0",
                                           "a1b00",
                                           "b",
                                           "\u00E9",
                                           "裂纹_2",
                                           "裂纹_10"};

TEST(NaturalOrder, ComparesDigitRunsByValueAndTheRestByByte) {
  std::vector<std::string> sorted = kOrdered;
  Random random(1);
  for (int round = 0; round < 20; ++round) {
    random.shuffle(sorted);
    std::sort(sorted.begin(), sorted.end(), natural_less);
    EXPECT_EQ(sorted, kOrdered);
  }
  EXPECT_TRUE(natural_less("img_2", "img_10"));
  EXPECT_FALSE(natural_less("img_10", "img_2"));
  EXPECT_TRUE(natural_less("x9", "x18446744073709551616"));
  EXPECT_TRUE(natural_less("Cr_10.bmp", "In_1.bmp"));
}

TEST(NaturalOrder, IsAStrictTotalOrderOverShortTexts) {
  std::vector<std::string> texts = {""};
  for (std::size_t i = 0; i < texts.size() && texts[i].size() < 3; ++i)
    for (const char c : {'0', '1', 'a', '/', '\xE9'}) texts.push_back(texts[i] + c);
  std::sort(texts.begin(), texts.end(), natural_less);
  // Every text is less than all that follow it and than none before: irreflexive, antisymmetric,
  // transitive and total at once.
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = 0; j < texts.size(); ++j)
      ASSERT_EQ(natural_less(texts[i], texts[j]), i < j) << texts[i] << " " << texts[j];
}

}  // namespace
}  // namespace steelsight::natural_order_test
