#include "datasets/label_twins.hpp"

#include <gmock/gmock.h>

namespace steelsight::label_twins_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// "é" as one character, and as "e" and an accent.
constexpr const char* kComposed = "entaill\xC3\xA9";
constexpr const char* kDecomposed = "entaille\xCC\x81";

TEST(LabelTwins, HaveOneKey) {
  EXPECT_EQ(label_key("Crazing"), label_key("crazing"));
  EXPECT_EQ(label_key("rolled  in"), label_key(" Rolled\tin "));
  EXPECT_EQ(label_key(kComposed), label_key(kDecomposed));
  EXPECT_EQ(label_key("ÜBERWALZUNG"), label_key("überwalzung"));
  EXPECT_EQ(label_key("RISS"), label_key("riß"));
  EXPECT_EQ(label_key("a\xC2\xA0"
                      "b"),
            label_key("a b"));  // a blank that doesn't break
  EXPECT_NE(label_key("pits"), label_key("pit"));
  EXPECT_NE(label_key("划痕"), label_key("裂纹"));
  EXPECT_EQ(label_key(""), "");
  EXPECT_EQ(label_key("Ri\xDF"), "Ri\xDF");  // not UTF-8
}

TEST(LabelTwins, SayInWhatTheyDiffer) {
  EXPECT_EQ(difference_of_twins("Crazing", "crazing"), "case");
  EXPECT_EQ(difference_of_twins("pits", "pits "), "blanks");
  EXPECT_EQ(difference_of_twins(kComposed, kDecomposed), "Unicode form");
  EXPECT_EQ(difference_of_twins("Pits", " pits"), "case, blanks or Unicode form");
}

TEST(LabelTwins, AreWarnedOf) {
  EXPECT_THAT(label_warnings({"Cr", "In", "rolled-in scale"}), IsEmpty());
  EXPECT_THAT(label_warnings({" Cr", "In"}),
              ElementsAre("class ' Cr' has blanks at its ends or several in a row"));
  EXPECT_THAT(label_warnings({kDecomposed, kComposed}),
              ElementsAre(std::string("classes '") + kDecomposed + "' and '" + kComposed +
                          "' differ only in Unicode form; they are kept as two classes"));
}

}  // namespace
}  // namespace steelsight::label_twins_test
