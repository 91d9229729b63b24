#include "pipeline/report/base64.hpp"

#include <gtest/gtest.h>

namespace steelsight::base64_test {
namespace {

// The test vectors of RFC 4648, section 10.
TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesAllBytes) {
  EXPECT_EQ(base64(std::string_view("\0\0\0", 3)), "AAAA");
  EXPECT_EQ(base64("\xff\xef\xbe"), "/+++");
}

TEST(DataUri, NamesTheMediaType) {
  EXPECT_EQ(data_uri("image/png", "foo"), "data:image/png;base64,Zm9v");
}

}  // namespace
}  // namespace steelsight::base64_test
