#include "core/output_claim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/folders.hpp"
#include "tests/core/child_process.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::output_claim_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::ptrdiff_t entries_of(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

const auto kIsTaken = ThrowsMessage<FileError>(HasSubstr("another run is writing there"));

TEST(ClaimFile, IsOneRunsUntilItEnds) {
  const TemporaryFolder folder;
  {
    const OutputClaim claim = claim_file(folder / "m");
    EXPECT_THAT([&] { claim_file(folder / "m"); }, kIsTaken);
    EXPECT_THAT([&] { claim_file(folder.path() / "." / "m"); }, kIsTaken);
    EXPECT_NO_THROW(claim_file(folder / "other"));
  }
  EXPECT_NO_THROW(claim_file(folder / "m"));
  EXPECT_EQ(entries_of(folder.path()), 0);
}

TEST(ClaimFile, OfALinkIsThatOfItsTarget) {
  const TemporaryFolder folder;
  fs::create_symlink("made/target", folder / "link");  // dangling
  const OutputClaim claim = claim_file(folder / "link");
  EXPECT_TRUE(fs::is_directory(folder / "made"));
  EXPECT_THAT([&] { claim_file(folder / "made/target"); }, kIsTaken);
}

TEST(ClaimFile, FoldersThatAreMadeForItGoAgainIfTheyStayEmpty) {
  const TemporaryFolder folder;
  { const OutputClaim claim = claim_file(folder / "a/b/m"); }
  EXPECT_EQ(entries_of(folder.path()), 0);
  {
    const OutputClaim claim = claim_file(folder / "a/b/m");
    folder.add("a/x", "kept");
  }
  EXPECT_TRUE(fs::exists(folder / "a/x"));
  EXPECT_FALSE(fs::exists(folder / "a/b"));
}

TEST(ClaimFile, FindsWhatCanNotBeWrittenBeforeTheWork) {
  const TemporaryFolder folder;
  folder.add("file", "x");
  EXPECT_THAT([&] { claim_file(folder.path()); },
              ThrowsMessage<FileError>(HasSubstr("is a folder, expected a file name")));
  EXPECT_THAT([&] { claim_file(folder / "file/m"); },
              ThrowsMessage<FileError>(HasSubstr("can't be made: Not a directory")));
  if (::geteuid() == 0) return;  // who may write everywhere
  fs::create_directory(folder / "closed");
  ::chmod((folder / "closed").c_str(), 0500);
  EXPECT_THAT([&] { claim_file(folder / "closed/m"); },
              ThrowsMessage<FileError>(HasSubstr("can't be written: Permission denied")));
}

TEST(ClaimFile, DevicesAndFifosAreAnybodys) {
  const TemporaryFolder folder;
  const fs::path fifo = folder / "fifo";
  ::mkfifo(fifo.c_str(), 0600);
  const OutputClaim first = claim_file(fifo);  // does not wait for a reader
  EXPECT_NO_THROW(claim_file(fifo));
  EXPECT_NO_THROW(claim_file("/dev/null"));
  EXPECT_EQ(entries_of(folder.path()), 1);
}

TEST(ClaimFile, TakesTheLongestNameThatAFileCanHave) {
  const TemporaryFolder folder;
  EXPECT_NO_THROW(claim_file(folder / std::string(255, 'm')));
}

TEST(ClaimFile, OfAKilledRunIsFreeAndItsTracesGo) {
  const TemporaryFolder folder;
  const ChildProcess killed([&] {
    const OutputClaim claim = claim_file(folder / "m");
    return ::raise(SIGKILL);
  });
  EXPECT_EQ(killed.wait(), 1000 + SIGKILL);
  EXPECT_EQ(entries_of(folder.path()), 1);  // its lock's file
  { const OutputClaim claim = claim_file(folder / "m"); }
  EXPECT_EQ(entries_of(folder.path()), 0);
}

TEST(ClaimFile, OfARunThatLivesIsNotTakenForALeftover) {
  const TemporaryFolder folder;
  const OutputClaim claim = claim_file(folder / "m");
  const ChildProcess other([&] {
    try {
      claim_file(folder.path() / "." / "m");  // looks for leftovers: it has not seen this folder
    } catch (const FileError&) {
      return 3;
    }
    return 0;
  });
  EXPECT_EQ(other.wait(), 3);
}

TEST(ClaimFolder, IsOneRunsUntilItEnds) {
  const TemporaryFolder folder;
  {
    const OutputClaim claim = claim_folder(folder / "report");
    EXPECT_THAT([&] { claim_folder(folder / "report"); }, kIsTaken);
    EXPECT_NO_THROW(claim_file(folder / "report/m"));
  }
  EXPECT_FALSE(fs::exists(folder / "report"));
  folder.add("file", "x");
  EXPECT_THROW(claim_folder(folder / "file"), FileError);
  EXPECT_NO_THROW(claim_folder("."));
}

TEST(OutputClaim, MovesWithItsLock) {
  const TemporaryFolder folder;
  OutputClaim claim;
  claim = claim_file(folder / "m");
  const OutputClaim moved = std::move(claim);
  EXPECT_THAT([&] { claim_file(folder / "m"); }, kIsTaken);
}

}  // namespace
}  // namespace steelsight::output_claim_test
