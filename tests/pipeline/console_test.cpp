#include "pipeline/console.hpp"

#include <gtest/gtest.h>

namespace steelsight::console_test {
namespace {

TEST(Console, ShowsControlCharactersOfNamesAsQuestionMarks) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Console console;
  console.line("Cr_\n\x1B[31m\xC3\xA4_0.bmp");
  console.warning("a\tb");
  console.error("a\x7f");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "Cr_??[31m\xC3\xA4_0.bmp\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: a?b\nsteelsight: a?\n");
}

TEST(Console, QuietKeepsWarningsAndErrors) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Console console(/*quiet=*/true);
  console.line("news");
  console.warning("careful");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: careful\n");
}

TEST(Console, OneOfSeveralTellsItsWarningsToAnother) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::string told;
  Console console([&](const std::string& warning) { told += warning; });
  console.line("news");
  console.warning("careful");
  console.start("bar", 3);
  console.update(1);
  console.finish();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(told, "careful");
}

TEST(DurationText, HasMinutesAndHours) {
  EXPECT_EQ(duration_text(7.4), "0:07");
  EXPECT_EQ(duration_text(754), "12:34");
  EXPECT_EQ(duration_text(3723), "1:02:03");
  EXPECT_EQ(duration_text(-1), "0:00");
}

}  // namespace
}  // namespace steelsight::console_test
