// What becomes of the program when its standard output is full, closed, or read no more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/atomic_file.hpp"
#include "tests/pipeline/cli/cli_fixture.hpp"

namespace steelsight::standard_streams_test {
namespace {

using testing::HasSubstr;

class StandardStreams : public Cli {
 protected:
  // `command` in a shell, where $B is the program: its exit code, and what it said on its standard
  // error unless the command puts it elsewhere.
  static ProgramResult shell(const std::string& command) {
    ::setenv("B", STEELSIGHT_PROGRAM, /*overwrite=*/1);
    const std::string err = path("shell.err"), rc = path("shell.rc");
    const std::string text = "cd '" + root().string() + "'; exec 2>'" + err + "'; " + command;
    EXPECT_EQ(std::system(("{ " + text + "; } >/dev/null").c_str()), 0);
    return {std::stoi(read_file(rc)), "", read_file(err)};
  }
  // Its reader is gone before it begins.
  static ProgramResult into_nobody(const std::string& command) {
    return shell("{ sleep 0.3; " + command + "; echo $? >shell.rc; } | true");
  }
  static ProgramResult redirected(const std::string& command) {
    return shell(command + "; echo $? >shell.rc");
  }
};

TEST_F(StandardStreams, ACommandThatOnlyPrintsFailsIfThatIsLost) {
  for (const char* command :
       {"info model.safetensors", "check images", "--help", "--version", "train --help"}) {
    const ProgramResult full = redirected(std::string("$B ") + command + " >/dev/full");
    EXPECT_EQ(full.exit_code, 3) << command;
    EXPECT_EQ(full.err, "steelsight: standard output: No space left on device\n") << command;
    const ProgramResult closed = redirected(std::string("$B ") + command + " >&-");
    EXPECT_EQ(closed.exit_code, 3) << command;
    EXPECT_EQ(closed.err, "steelsight: standard output: Bad file descriptor\n") << command;
    // As other programs end: by the signal, without a word.
    const ProgramResult unread = into_nobody(std::string("$B ") + command);
    EXPECT_EQ(unread.exit_code, 128 + 13) << command;
    EXPECT_EQ(unread.err, "") << command;
  }
}

TEST_F(StandardStreams, ASignalThatTheStarterIgnoresBecomesAMessage) {
  const ProgramResult unread = into_nobody("trap '' PIPE; $B info model.safetensors");
  EXPECT_EQ(unread.exit_code, 3);
  EXPECT_EQ(unread.err, "steelsight: standard output: Broken pipe\n");
}

TEST_F(StandardStreams, ACommandThatWritesFilesGoesOnAndSaysSo) {
  std::string train = "$B";
  for (const std::string& argument : train_arguments("unread.safetensors", "5"))
    train += " '" + argument + "'";
  const ProgramResult unread = into_nobody(train);
  EXPECT_EQ(unread.exit_code, 0);
  EXPECT_THAT(unread.err, HasSubstr("warning: standard output: Broken pipe; not all"));
  EXPECT_EQ(read_file(path("unread.safetensors")), read_file(model()));

  const ProgramResult full =
      redirected("$B classify images -o full --model model.safetensors >/dev/full");
  EXPECT_EQ(full.exit_code, 0);
  EXPECT_THAT(full.err, HasSubstr("standard output: No space left on device"));
  ASSERT_EQ(redirected("$B classify images -o heard --model model.safetensors").exit_code, 0);
  EXPECT_EQ(read_file(path("full/predictions.csv")), read_file(path("heard/predictions.csv")));
}

TEST_F(StandardStreams, NothingIsWrittenIntoFilesThatTookTheirPlace) {
  EXPECT_EQ(
      redirected("$B classify images -o closed --model model.safetensors <&- >&- 2>&-").exit_code,
      0);
  EXPECT_EQ(redirected("$B classify images -o open --model model.safetensors").exit_code, 0);
  EXPECT_EQ(read_file(path("closed/predictions.csv")), read_file(path("open/predictions.csv")));
}

}  // namespace
}  // namespace steelsight::standard_streams_test
