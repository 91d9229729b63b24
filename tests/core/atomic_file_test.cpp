#include "core/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"

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
              ThrowsMessage<FileError>(HasSubstr("folder can't be made: Not a directory")));
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

}  // namespace
}  // namespace steelsight::atomic_file_test
