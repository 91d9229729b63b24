#include "core/confined_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "core/interrupt.hpp"

namespace steelsight::confined_process_test {
namespace {

constexpr ConfinedProcess::Limits kLimits{.memory_bytes = std::uint64_t{64} << 20,
                                          .cpu_seconds = 1};

void write_text(const Descriptor& to, const std::string& text) {
  write_all(to, text.data(), text.size(), "pipe");
}

// What can be read of it, and whether that was all.
bool reads(const std::function<void(const Descriptor&)>& work, std::string& text) {
  ConfinedProcess process(kLimits, work);
  return process.read(text.data(), text.size());
}

TEST(ConfinedProcess, GivesWhatTheWorkWrites) {
  std::string large;
  for (int i = 0; i < 1'000'000; ++i) large += static_cast<char>(i * 7);
  std::string text(large.size(), ' ');
  EXPECT_TRUE(reads([&](const Descriptor& to) { write_text(to, large); }, text));
  EXPECT_EQ(text, large);
}

TEST(ConfinedProcess, WorkThatEndsInAnyWayEndsWhatCanBeRead) {
  const std::vector<std::function<void()>> ends{
      [] {},
      [] { throw std::runtime_error("failed"); },
      [] { ::raise(SIGSEGV); },
      [] { ::abort(); },
      [] { ::_exit(0); },
  };
  for (const std::function<void()>& end : ends) {
    std::string text(6, ' ');
    EXPECT_FALSE(reads(
        [&](const Descriptor& to) {
          write_text(to, "half");
          end();
        },
        text));
    EXPECT_EQ(text, "half  ");
  }
}

TEST(ConfinedProcess, MemoryAndTimeHaveAnEnd) {
  std::string text(1, ' ');
  EXPECT_FALSE(reads(
      [](const Descriptor& to) {
        std::vector<std::string> all;
        for (int i = 0; i < 1000; ++i) all.emplace_back(std::size_t{1} << 24, 'x');
        write_text(to, std::to_string(all.size()));
      },
      text));
  EXPECT_FALSE(reads(
      [](const Descriptor& to) {
        for (volatile std::uint64_t i = 0; i < std::uint64_t{1} << 40;) i = i + 1;
        write_text(to, "x");
      },
      text));
}

TEST(ConfinedProcess, OpensNoFilesWhenThatIsForbidden) {
  std::string text(2, ' ');
  const auto can_open = [] { return ::open("/dev/null", O_RDONLY) >= 0 ? "1" : "0"; };
  EXPECT_TRUE(reads(
      [&](const Descriptor& to) {
        write_text(to, can_open());
        forbid_opening_files();
        write_text(to, can_open());
      },
      text));
  EXPECT_EQ(text, "10");
}

// Of the files that are open here it has none, so that it can't keep a pipe or lock from its end.
TEST(ConfinedProcess, HasNoFileOpenButThePipe) {
  const Descriptor mine = open_to_read("/proc/self/exe");
  std::string text(1, ' ');
  EXPECT_TRUE(reads(
      [&](const Descriptor& to) {
        write_text(to, ::fcntl(mine.number(), F_GETFD) < 0 ? "0" : "1");
      },
      text));
  EXPECT_EQ(text, "0");
}

TEST(ConfinedProcess, HearsCtrlC) {
  const auto wait = [] {
    stop_on_signals();
    ConfinedProcess process(kLimits, [](const Descriptor&) { ::pause(); });
    std::thread([] { ::kill(::getpid(), SIGINT); }).join();
    char byte;
    try {
      process.read(&byte, 1);
    } catch (const Interrupted&) {
      ::_exit(130);
    }
  };
  EXPECT_EXIT(wait(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace steelsight::confined_process_test
