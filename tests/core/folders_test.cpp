#include "core/folders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::folders_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST(FolderOf, IsTheCurrentOneForANameAlone) {
  EXPECT_EQ(folder_of("a.txt"), ".");
  EXPECT_EQ(folder_of("./a.txt"), ".");
  EXPECT_EQ(folder_of("b/a.txt"), "b");
  EXPECT_EQ(folder_of("/a.txt"), "/");
}

TEST(BehindLinks, FollowsEachLinkFromItsOwnFolder) {
  const TemporaryFolder folder;
  folder.add("sub/file", "x");
  fs::create_symlink("file", folder / "sub/near");
  fs::create_symlink("sub/near", folder / "far");
  fs::create_symlink(folder / "far", folder / "absolute");
  fs::create_symlink("sub/missing", folder / "dangling");
  fs::create_symlink("loop", folder / "loop");
  EXPECT_EQ(behind_links(folder / "far"), folder / "sub/file");
  EXPECT_EQ(behind_links(folder / "absolute"), folder / "sub/file");
  EXPECT_EQ(behind_links(folder / "dangling"), folder / "sub/missing");
  EXPECT_EQ(behind_links(folder / "none"), folder / "none");
  EXPECT_THAT([&] { behind_links(folder / "loop"); },
              ThrowsMessage<FileError>(HasSubstr("too many symbolic links")));
}

TEST(MakeFolders, GivesThoseThatWereMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(make_folders(folder / "a/b", "x"), ElementsAre(folder / "a", folder / "a/b"));
  EXPECT_THAT(make_folders(folder / "a/./b/c/", "x"), testing::SizeIs(1));
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  EXPECT_THAT(make_folders(folder / "a/b", "x"), IsEmpty());
  EXPECT_THAT(make_folders(".", "x"), IsEmpty());
  fs::create_symlink("a", folder / "link");
  EXPECT_THAT(make_folders(folder / "link/d", "x"), ElementsAre(folder / "link/d"));
  EXPECT_TRUE(fs::is_directory(folder / "a/d"));
}

TEST(MakeFolders, NamesWhatIsInTheWayAndLeavesNothingBehind) {
  const TemporaryFolder folder;
  folder.add("file", "x");
  EXPECT_THAT([&] { make_folders(folder / "file/below", "report.json"); },
              ThrowsMessage<FileError>("report.json: the folder " + (folder / "file").string() +
                                       " can't be made: Not a directory"));
  const std::string long_name(300, 'n');
  EXPECT_THAT([&] { make_folders(folder / ("new/deep/" + long_name), "report.json"); },
              ThrowsMessage<FileError>(HasSubstr("File name too long")));
  EXPECT_FALSE(fs::exists(folder / "new"));
}

TEST(RemoveLeftovers, TakesWhatNobodyHoldsAndNothingElse) {
  const TemporaryFolder folder;
  const std::string prefix = kTemporaryPrefix;
  const fs::path left = folder.add(prefix + "abc123", "half");
  const fs::path live = folder.add(prefix + "def456", "half");
  const fs::path other = folder.add("image.bmp", "x");
  fs::create_symlink("image.bmp", folder / (prefix + "link"));
  fs::create_directory(folder / (prefix + "folder"));
  ::mkfifo((folder / (prefix + "fifo")).c_str(), 0600);  // would wait for ever
  const Descriptor holder = open_to_read(live);
  ASSERT_TRUE(try_lock(holder));

  // Another name of the folder, where add() has written and so has looked already.
  remove_leftovers(folder.path() / ".");
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(live));
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::is_symlink(folder / (prefix + "link")));
  EXPECT_TRUE(fs::is_directory(folder / (prefix + "folder")));

  folder.add(prefix + "abc123", "half");
  remove_leftovers(folder.path() / ".");  // once for each folder and process
  EXPECT_TRUE(fs::exists(left));
}

TEST(RemoveLeftovers, OfAMissingFolderDoesNothing) {
  const TemporaryFolder folder;
  EXPECT_NO_THROW(remove_leftovers(folder / "missing"));
  EXPECT_FALSE(fs::exists(folder / "missing"));
}

}  // namespace
}  // namespace steelsight::folders_test
