#include "datasets/sentences.hpp"

#include <gtest/gtest.h>

namespace steelsight::sentences_test {
namespace {

TEST(Sentences, CountAndList) {
  EXPECT_EQ(counted(1, "image"), "1 image");
  EXPECT_EQ(counted(0, "image"), "0 images");
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(listed_in_quotes({"a", "b"}), "'a' and 'b'");
  EXPECT_EQ(listed(std::vector<std::string>(10, "x")), "x, x, x, x, x, x, x, x, x and x");
  EXPECT_EQ(listed(std::vector<std::string>(12, "x")), "x, x, x, x, x, x, x, x, x, x and 2 more");
}

}  // namespace
}  // namespace steelsight::sentences_test
