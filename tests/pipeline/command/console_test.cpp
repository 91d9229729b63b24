#include "pipeline/command/console.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/interrupt.hpp"
#include "tests/core/child_process.hpp"
#include "tests/temporary_folder.hpp"

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

// In other processes, whose standard streams these are.
void write_to(const char* file, int stream) {
  ::dup2(::open(file, O_WRONLY | O_CREAT, 0600), stream);
}

void write_to_a_pipe(bool with_a_reader) {
  int ends[2] = {};
  if (::pipe(ends) != 0) ::_exit(98);
  ::dup2(ends[1], STDOUT_FILENO);
  if (!with_a_reader) ::close(ends[0]);
}

// What the work prints on standard error, and its exit code.
std::pair<int, std::string> errors_of(const std::function<void(Console&)>& work) {
  const TemporaryFolder folder;
  const fs::path err = folder / "err";
  const ChildProcess child([&] {
    write_to(err.c_str(), STDERR_FILENO);
    prepare_standard_streams();
    Console console;
    try {
      work(console);
    } catch (const BrokenPipe&) {
      return 141;
    } catch (const FileError& error) {
      console.error(error.what());
      return 3;
    }
    return 0;
  });
  const int code = child.wait();
  return {code, read_file(err)};
}

TEST(Console, AResultThatDoesNotArriveIsAnError) {
  EXPECT_THAT(errors_of([](Console& console) {
                write_to("/dev/full", STDOUT_FILENO);
                console.must_arrive();
                console.line("result");
              }),
              testing::Pair(3, "steelsight: standard output: No space left on device\n"));
  EXPECT_THAT(errors_of([](Console& console) {
                write_to_a_pipe(/*with_a_reader=*/false);
                console.must_arrive();
                console.page("result");
              }),
              testing::Pair(141, ""));
}

TEST(Console, NewsThatDoNotArriveAreToldAtTheEnd) {
  EXPECT_THAT(errors_of([](Console& console) {
                write_to_a_pipe(/*with_a_reader=*/false);
                console.line("epoch 1");
                console.line("epoch 2");
                console.close();
              }),
              testing::Pair(0,
                            "warning: standard output: Broken pipe; not all that was printed has "
                            "arrived\n"));
  EXPECT_THAT(errors_of([](Console& console) { console.close(); }), testing::Pair(0, ""));
}

TEST(Console, HearsCtrlCWhereNobodyReads) {
  const ChildProcess child([] {
    write_to_a_pipe(/*with_a_reader=*/true);
    Console console(/*quiet=*/false, stop_on_signals());
    console.must_arrive();
    try {
      for (;;) console.line("more than a pipe holds");
    } catch (const Interrupted&) {
      return 130;
    }
  });
  child.signal_soon(SIGINT);
  EXPECT_EQ(child.wait(), 130);
}

TEST(PrepareStandardStreams, NoFileLandsOnOneThatWasClosed) {
  const TemporaryFolder folder;
  const ChildProcess child([&] {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(stream);
    prepare_standard_streams();
    const int opened = ::open((folder / "model").c_str(), O_WRONLY | O_CREAT, 0600);
    const bool is_beyond = opened > STDERR_FILENO;
    Console console;
    console.line("news");
    console.error("nobody hears");
    const bool fails = ::write(STDOUT_FILENO, "x", 1) < 0;
    return is_beyond && fails ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(read_file(folder / "model"), "");
}

TEST(DurationText, HasMinutesAndHours) {
  EXPECT_EQ(duration_text(7.4), "0:07");
  EXPECT_EQ(duration_text(754), "12:34");
  EXPECT_EQ(duration_text(3723), "1:02:03");
  EXPECT_EQ(duration_text(-1), "0:00");
}

}  // namespace
}  // namespace steelsight::console_test
