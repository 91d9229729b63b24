#include "core/descriptor.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <string>
#include <thread>

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "tests/core/child_process.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::descriptor_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class DescriptorTest : public testing::Test {
 protected:
  fs::path fifo() const {
    fs::path path = folder_ / "fifo";
    ::mkfifo(path.c_str(), 0600);
    return path;
  }
  static std::string text_of(const Descriptor& descriptor, const fs::path& file) {
    std::string text;
    char chunk[1000];
    while (const std::size_t got = read_some(descriptor, chunk, sizeof chunk, file))
      text.append(chunk, got);
    return text;
  }

  const TemporaryFolder folder_;
};

TEST_F(DescriptorTest, ClosesWhenItsLifeEndsAndNotBefore) {
  const fs::path file = folder_.add("a", "x");
  int number = -1;
  {
    Descriptor first = open_to_read(file);
    number = first.number();
    const Descriptor second = std::move(first);
    EXPECT_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(second.number(), number);
    EXPECT_GE(::fcntl(number, F_GETFD), 0);
    EXPECT_TRUE(::fcntl(number, F_GETFD) & FD_CLOEXEC);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST_F(DescriptorTest, SaysWhatCanNotBeOpened) {
  EXPECT_THAT([&] { open_to_read(folder_ / "missing"); },
              ThrowsMessage<FileError>((folder_ / "missing").string() +
                                       ": can't be read: No such file or directory"));
  EXPECT_THAT([&] { open_to_read(folder_.path()); },
              ThrowsMessage<FileError>(HasSubstr("can't be read: it is a folder")));
  EXPECT_THAT([&] { open_to_write(folder_ / "missing"); },
              ThrowsMessage<FileError>(HasSubstr("can't be written: No such file")));
}

TEST_F(DescriptorTest, WhatTheMachineLacksIsNoFaultOfTheFile) {
  const fs::path file = folder_.add("a", "x");
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit none{.rlim_cur = 3, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_THAT([&] { open_to_read(file); },
              ThrowsMessage<ResourceError>(
                  AllOf(HasSubstr("Too many open files"), HasSubstr("ulimit -n"))));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(DescriptorTest, WaitsForTheWriterOfAFifoAndReadsToItsEnd) {
  const fs::path path = fifo();
  const std::string sent(300000, 'x');  // more than a pipe holds
  std::jthread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const Descriptor descriptor = open_to_write(path);
    write_all(descriptor, sent.data(), sent.size(), path);
  });
  EXPECT_EQ(text_of(open_to_read(path), path), sent);
}

TEST_F(DescriptorTest, WaitsForTheReaderOfAFifo) {
  const fs::path path = fifo();
  std::string received;
  std::jthread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    received = text_of(open_to_read(path), path);
  });
  {
    const Descriptor descriptor = open_to_write(path);
    write_all(descriptor, "text", 4, path);
  }
  reader.join();
  EXPECT_EQ(received, "text");
}

// A socket refuses to be opened with the errno of a FIFO that nobody reads, and for good.
TEST_F(DescriptorTest, ASocketIsAnErrorAndNotWaitedFor) {
  const fs::path path = folder_ / "socket";
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  EXPECT_THROW(open_to_write(path), FileError);
  EXPECT_THROW(open_to_read(path), FileError);
}

// Reading it to its end would take all memory.
TEST_F(DescriptorTest, DevicesAreNotRead) {
  for (const char* device : {"/dev/zero", "/dev/null"})
    EXPECT_THAT(
        [&] { open_to_read(device); },
        ThrowsMessage<FileError>(std::string(device) +
                                 ": can't be read: it is a device, expected a file or FIFO"));
}

TEST_F(DescriptorTest, SaysThatADeviceIsFull) {
  const Descriptor full = open_to_write("/dev/full");
  EXPECT_THAT([&] { write_all(full, "x", 1, "/dev/full"); },
              ThrowsMessage<FileError>("/dev/full: writing failed: No space left on device"));
}

// 130 if the wait ends as it should.
int interrupted_in(const std::function<void()>& wait) {
  const ChildProcess child([&] {
    stop_on_signals();
    try {
      wait();
    } catch (const Interrupted&) {
      return 130;
    }
    return 0;
  });
  child.signal_soon(SIGINT);
  return child.wait();
}

TEST_F(DescriptorTest, EveryWaitHearsCtrlC) {
  const fs::path path = fifo();
  char byte = 0;
  EXPECT_EQ(interrupted_in([&] { read_some(open_to_read(path), &byte, 1, path); }), 130);
  EXPECT_EQ(interrupted_in([&] { open_to_write(path); }), 130);

  const Descriptor reader = open_to_read(path);  // which never reads
  EXPECT_EQ(interrupted_in([&] {
              const std::string much(1 << 20, 'x');
              write_all(open_to_write(path), much.data(), much.size(), path);
            }),
            130);

  const fs::path file = folder_.add("locked", "");
  const Descriptor holder = open_to_read(file);
  ASSERT_TRUE(try_lock(holder));
  EXPECT_EQ(interrupted_in([&] { lock(open_to_read(file), file); }), 130);
}

TEST_F(DescriptorTest, ALockIsOneDescriptorsUntilItIsClosed) {
  const fs::path file = folder_.add("a", "");
  Descriptor first = open_to_read(file);
  const Descriptor second = open_to_read(file);
  EXPECT_TRUE(try_lock(first));
  EXPECT_FALSE(try_lock(second));
  first.close();
  EXPECT_TRUE(try_lock(second));
}

TEST_F(DescriptorTest, KnowsWhetherItsFileWasReplaced) {
  const fs::path file = folder_.add("a", "old");
  const Descriptor descriptor = open_to_read(file);
  EXPECT_TRUE(is_still_at(descriptor, file));
  folder_.add("a", "new");
  EXPECT_FALSE(is_still_at(descriptor, file));
  fs::remove(file);
  EXPECT_FALSE(is_still_at(descriptor, file));
}

}  // namespace
}  // namespace steelsight::descriptor_test
