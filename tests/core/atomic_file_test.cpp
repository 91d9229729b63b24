#include "core/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "core/error.hpp"
#include "core/folders.hpp"
#include "tests/core/child_process.hpp"

namespace steelsight::atomic_file_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::ptrdiff_t files_in_folder() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
};

TEST_F(AtomicFileTest, NothingIsVisibleBeforeCommit) {
  write_file(folder_ / "a.txt", "old");
  {
    AtomicFile file(folder_ / "a.txt");
    file.write("new");
    EXPECT_EQ(read_file(folder_ / "a.txt"), "old");
    file.commit();
  }
  EXPECT_EQ(read_file(folder_ / "a.txt"), "new");
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitTheTargetStaysAndNoTemporaryFileIsLeft) {
  write_file(folder_ / "a.txt", "old");
  { AtomicFile(folder_ / "a.txt").write("half"); }
  EXPECT_EQ(read_file(folder_ / "a.txt"), "old");
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(AtomicFileTest, CreatesMissingFolders) {
  write_file(folder_ / "b" / "c" / "a.txt", "x");
  EXPECT_EQ(read_file(folder_ / "b" / "c" / "a.txt"), "x");
}

TEST_F(AtomicFileTest, SaysWhatCanNotBeWritten) {
  EXPECT_THROW(write_file(folder_, "x"), FileError);
  write_file(folder_ / "file", "x");
  EXPECT_THAT([&] { write_file(folder_ / "file" / "below" / "it", "x"); },
              ThrowsMessage<FileError>(HasSubstr("can't be made: Not a directory")));
}

TEST_F(AtomicFileTest, ReadFileHasALimitAndRefusesFolders) {
  write_file(folder_ / "a.txt", "12345");
  EXPECT_EQ(read_file(folder_ / "a.txt", 5), "12345");
  EXPECT_THROW(read_file(folder_ / "a.txt", 4), FileError);
  EXPECT_THROW(read_file(folder_), FileError);
  EXPECT_THROW(read_file(folder_ / "missing"), FileError);
  fs::create_symlink(folder_ / "loop", folder_ / "loop");
  EXPECT_THROW(read_file(folder_ / "loop"), FileError);
}

TEST_F(AtomicFileTest, OfALinkTheTargetIsReplacedAndTheLinkStays) {
  write_file(folder_ / "sub" / "real", "old");
  fs::create_symlink("sub/real", folder_ / "link");
  fs::create_symlink("sub/missing", folder_ / "dangling");
  write_file(folder_ / "link", "new");
  write_file(folder_ / "dangling", "made");
  EXPECT_EQ(fs::read_symlink(folder_ / "link"), "sub/real");
  EXPECT_EQ(read_file(folder_ / "sub" / "real"), "new");
  EXPECT_EQ(fs::read_symlink(folder_ / "dangling"), "sub/missing");
  EXPECT_EQ(read_file(folder_ / "sub" / "missing"), "made");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_THROW(write_file(folder_ / "loop", "x"), FileError);
}

TEST_F(AtomicFileTest, AFileThatWasThereKeepsItsPermissions) {
  const auto mode_of = [](const fs::path& file) {
    struct stat status = {};
    EXPECT_EQ(::stat(file.c_str(), &status), 0);
    return status.st_mode & 07777;
  };
  const mode_t mask = ::umask(0);
  ::umask(mask);
  write_file(folder_ / "a", "x");
  EXPECT_EQ(mode_of(folder_ / "a"), 0666 & ~mask);
  ::chmod((folder_ / "a").c_str(), 0640);
  write_file(folder_ / "a", "y");
  EXPECT_EQ(mode_of(folder_ / "a"), 0640u);
}

TEST_F(AtomicFileTest, ADeviceIsWrittenToAndStays) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::status("/dev/null").type() == fs::character_file);
  EXPECT_THAT([] { write_file("/dev/full", "x"); },
              ThrowsMessage<FileError>(HasSubstr("No space left on device")));
}

TEST_F(AtomicFileTest, AFifoIsWrittenToWhenSomebodyReads) {
  const fs::path fifo = folder_ / "fifo";
  ::mkfifo(fifo.c_str(), 0600);
  std::string received;
  std::jthread reader([&] { received = read_file(fifo); });
  write_file(fifo, std::string(300000, 'x'));
  reader.join();
  EXPECT_EQ(received, std::string(300000, 'x'));
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(AtomicFileTest, WhatAKilledProgramLeftIsRemovedByTheNext) {
  const fs::path target = folder_ / "a";
  const ChildProcess killed([&] {
    AtomicFile file(target);
    file.write("half");
    return ::raise(SIGKILL);
  });
  EXPECT_EQ(killed.wait(), 1000 + SIGKILL);
  EXPECT_EQ(files_in_folder(), 1);
  write_file(target, "whole");
  EXPECT_EQ(files_in_folder(), 1);
  EXPECT_EQ(read_file(target), "whole");
}

TEST_F(AtomicFileTest, WhatAnotherProgramIsWritingIsNot) {
  AtomicFile file(folder_ / "a");
  file.write("mine");
  const ChildProcess other([&] {
    write_file(folder_ / "." / "b", "theirs");  // looks for leftovers: a folder not seen before
    return 0;
  });
  EXPECT_EQ(other.wait(), 0);
  file.commit();
  EXPECT_EQ(read_file(folder_ / "a"), "mine");
}

// In another process, whose current folder it is.
TEST_F(AtomicFileTest, NamesAreRelativeToTheCurrentFolder) {
  const ChildProcess other([&] {
    fs::current_path(folder_);
    write_file("bare", "1");
    write_file("./dotted", "2");
    write_file("a/./b", "3");
    write_file("a/../c", "4");
    return read_file("bare") + read_file("dotted") + read_file("a/b") + read_file("c") == "1234"
               ? 0
               : 1;
  });
  EXPECT_EQ(other.wait(), 0);
  EXPECT_EQ(read_file(folder_ / "bare"), "1");
  EXPECT_EQ(read_file(folder_ / "a" / "b"), "3");
}

}  // namespace
}  // namespace steelsight::atomic_file_test
