#include "datasets/utf8.hpp"

#include <gtest/gtest.h>

namespace steelsight::utf8_test {
namespace {

struct Case {
  std::string bytes;
  std::string text;  // equal to bytes if they are well-formed
};

class Utf8Test : public testing::TestWithParam<Case> {};

TEST_P(Utf8Test, KeepsWellFormedTextAndEscapesTheRest) {
  EXPECT_EQ(to_utf8(GetParam().bytes), GetParam().text);
  EXPECT_EQ(is_utf8(GetParam().bytes), GetParam().bytes == GetParam().text);
  EXPECT_TRUE(is_utf8(to_utf8(GetParam().bytes)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Utf8Test,
    testing::Values(Case{"", ""}, Case{"Cr_1.bmp", "Cr_1.bmp"}, Case{"裂纹", "裂纹"},
                    Case{"\U0001F52C\u00E4", "\U0001F52C\u00E4"},
                    Case{"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},      // U+10FFFF
                    Case{"\xEF\xBF\xBF", "\xEF\xBF\xBF"},              // U+FFFF
                    Case{"Ri\xDF.bmp", "Ri\\xDF.bmp"},                 // Latin-1
                    Case{"\xC0\xAF", "\\xC0\\xAF"},                    // overlong
                    Case{"\xE0\x80\x80", "\\xE0\\x80\\x80"},           // overlong
                    Case{"\xF0\x80\x80\x80", "\\xF0\\x80\\x80\\x80"},  // overlong
                    Case{"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // surrogate
                    Case{"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // above U+10FFFF
                    Case{"\xE8\xA3", "\\xE8\\xA3"},                    // cut off
                    Case{"\x80z", "\\x80z"}));

TEST(AsciiLower, LeavesOtherBytesAlone) {
  EXPECT_EQ(ascii_lower("A[Z\u00C4裂9"), "a[z\u00C4裂9");
}

}  // namespace
}  // namespace steelsight::utf8_test
