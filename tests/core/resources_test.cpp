// Limits are set in a child process each: they can't be raised again.
#include "core/resources.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <new>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::resources_test {
namespace {

void limit(__rlimit_resource resource, rlim_t soft, rlim_t hard) {
  const rlimit both{.rlim_cur = soft, .rlim_max = hard};
  if (::setrlimit(resource, &both) != 0) ::_exit(99);
}

// Ends the process with 0 if `work` does, else with 1 and the reason on standard error.
template <class Expected>
void exit_by(const std::function<void()>& work) {
  try {
    work();
  } catch (const Expected& error) {
    std::cerr << error.what() << "\n";
    ::_exit(1);
  }
  ::_exit(0);
}

constexpr rlim_t kMegabyte = rlim_t{1} << 20;

TEST(Process, NeedsAStack) {
  const auto prepare_with = [](rlim_t soft, rlim_t hard) {
    limit(RLIMIT_STACK, soft, hard);
    exit_by<ResourceError>(prepare_process);
  };
  EXPECT_EXIT(prepare_with(kMegabyte / 16, kMegabyte / 16), testing::ExitedWithCode(1),
              "stack is limited to 64 KiB, expected at least 1024 KiB");
  EXPECT_EXIT(prepare_with(kMegabyte / 16, 8 * kMegabyte), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(prepare_with(kMegabyte, kMegabyte), testing::ExitedWithCode(0), "");
}

TEST(Process, AFileThatIsTooLargeIsAnError) {
  const TemporaryFolder folder;
  const auto write_prepared = [&] {
    prepare_process();
    limit(RLIMIT_FSIZE, 100, 100);
    exit_by<FileError>([&] { write_file(folder / "file", std::string(1000, 'x')); });
  };
  EXPECT_EXIT(write_prepared(), testing::ExitedWithCode(1), "file: .*too large");
  EXPECT_FALSE(fs::exists(folder / "file"));
}

#ifdef __SANITIZE_ADDRESS__
constexpr bool kLimitsMemory = false;  // AddressSanitizer needs terabytes of address space
#else
constexpr bool kLimitsMemory = true;
#endif

TEST(Threads, AreThereOrAnErrorSaysHowMany) {
  require_threads(0, "nothing");
  require_threads(3, "three");
  if (!kLimitsMemory) GTEST_SKIP() << "address space can't be limited";
  const auto ask_for_many = [] {
    prepare_process();  // 8 MiB each
    limit(RLIMIT_AS, 512 * kMegabyte, 512 * kMegabyte);
    exit_by<ResourceError>([] { require_threads(200, "a network"); });
  };
  EXPECT_EXIT(ask_for_many(), testing::ExitedWithCode(1),
              "a network: [0-9]+ of 200 threads can be started: .*ulimit -u.*ulimit -v");
}

TEST(Memory, IsThereOrBadAlloc) {
  require_memory(kMegabyte);
  if (!kLimitsMemory) GTEST_SKIP() << "address space can't be limited";
  const auto ask_for = [](std::size_t bytes) {
    limit(RLIMIT_AS, 512 * kMegabyte, 512 * kMegabyte);
    exit_by<std::bad_alloc>([&] { require_memory(bytes); });
  };
  EXPECT_EXIT(ask_for(600 * kMegabyte), testing::ExitedWithCode(1), "bad_alloc");
  EXPECT_EXIT(ask_for(kMegabyte), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace steelsight::resources_test
