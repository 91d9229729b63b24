#include "datasets/folder_walk.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::folder_walk_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FolderWalkTest : public FolderFixture {
 protected:
  std::vector<std::string> images() const {
    std::vector<std::string> names;
    for (const FoundFile& file : walk_folder(folder_).images) {
      EXPECT_EQ(fs::path(file.path).parent_path().native().rfind(folder_.native(), 0), 0u);
      names.push_back(file.name);
    }
    return names;
  }
};

TEST_F(FolderWalkTest, FindsImagesInNaturalOrderWhateverTheirCaseSpacesOrScript) {
  touch_all({"b/10.bmp", "b/9.BMP", "a b/c.TiFf", "裂纹/图 1.jpg", "z.jpeg", "z.PNG", "z.tif"});
  touch_all(
      {"notes.txt", "Thumbs.db", "bmp", "x.bmp.gz", ".hidden.bmp", ".git/x.bmp", "b/.x/y.bmp"});
  EXPECT_THAT(images(), ElementsAre("a b/c.TiFf", "b/9.BMP", "b/10.bmp", "z.PNG", "z.jpeg", "z.tif",
                                    "裂纹/图 1.jpg"));
  const FolderWalk walk = walk_folder(folder_);
  EXPECT_EQ(walk.left_out, 4u);
  EXPECT_THAT(walk.warnings, ElementsAre("4 files are not images and were left out: 1 without "
                                         "extension, 1 .db, 1 .gz and 1 .txt"));
  EXPECT_THAT(walk.folders, ElementsAre("a b", "b", "裂纹"));
}

TEST_F(FolderWalkTest, SurvivesLoopsOfLinks) {
  touch("a/b/1.bmp");
  fs::create_directory_symlink(folder_, folder_ / "a" / "root");
  fs::create_directory_symlink("..", folder_ / "a" / "b" / "up");
  fs::create_directory_symlink(".", folder_ / "a" / "self");
  fs::create_symlink("loop.bmp", folder_ / "loop.bmp");
  EXPECT_THAT(images(), ElementsAre("a/b/1.bmp", "loop.bmp"));
  EXPECT_EQ(walk_folder(folder_).warnings.size(), 3u);
}

TEST_F(FolderWalkTest, DoesNotExplodeOnManyLinksToTheSameFolders) {
  for (int level = 0; level < 30; ++level) {
    const fs::path folder = folder_ / ("level" + std::to_string(level));
    fs::create_directories(folder);
    for (const char* link : {"x", "y", "z"})
      fs::create_directory_symlink("../level" + std::to_string(level + 1), folder / link);
  }
  touch("level30/1.bmp");
  EXPECT_EQ(images().size(), 1u);
}

TEST_F(FolderWalkTest, FollowsLinksAndKeepsBrokenOnesToImages) {
  touch("real/1.bmp");
  fs::create_directories(folder_ / "set");
  fs::create_symlink(folder_ / "real" / "1.bmp", folder_ / "set" / "link.bmp");
  fs::create_symlink("nowhere", folder_ / "set" / "broken.bmp");
  fs::create_symlink("nowhere", folder_ / "set" / "broken.txt");
  EXPECT_THAT(images(), ElementsAre("real/1.bmp", "set/broken.bmp", "set/link.bmp"));
}

TEST_F(FolderWalkTest, APipeIsNoImageAndAFolderMayBeNamedLikeOne) {
  ASSERT_EQ(mkfifo((folder_ / "pipe.bmp").c_str(), 0600), 0);
  touch("folder.bmp/1.bmp");
  EXPECT_THAT(images(), ElementsAre("folder.bmp/1.bmp"));
  EXPECT_EQ(walk_folder(folder_).left_out, 1u);
}

TEST_F(FolderWalkTest, NamesThatAreNotUtf8AreEscapedButCanBeOpened) {
  touch("Ri\xDF.bmp");
  const FolderWalk walk = walk_folder(folder_);
  ASSERT_EQ(walk.images.size(), 1u);
  EXPECT_EQ(walk.images[0].name, "Ri\\xDF.bmp");
  EXPECT_EQ(read_file(walk.images[0].path), "Ri\xDF.bmp");
}

TEST_F(FolderWalkTest, AFolderWithoutPermissionIsAWarning) {
  touch_all({"a/1.bmp", "b/1.bmp"});
  fs::permissions(folder_ / "b", fs::no_perms);
  const bool readable = ::access((folder_ / "b").c_str(), R_OK) == 0;
  const FolderWalk walk = walk_folder(folder_);
  fs::permissions(folder_ / "b", fs::owner_all);
  if (readable) GTEST_SKIP() << "root reads every folder";
  EXPECT_EQ(walk.images.size(), 1u);
  EXPECT_THAT(walk.warnings, ElementsAre("b: folder can't be read: Permission denied"));
  EXPECT_EQ(walk.unreadable_folders, 1u);
}

TEST_F(FolderWalkTest, LeavesOutWhatSteelsightWroteAndSaysItOnce) {
  const std::string predictions = "path,label,prediction,confidence,p_Cr,error\n";
  touch_all({"1.png", "explained/1.jpg", "report/confusion_matrix.png",
             "report/confusion_matrix.svg", "report/report.json", "report/mine.png"});
  touch_all({"named/explained/1_Cr_1.jpg", "named/explained.jpg"});
  write_file(folder_ / "named/predictions.csv", predictions);
  EXPECT_THAT(images(),
              ElementsAre("1.png", "explained/1.jpg", "named/explained.jpg", "report/mine.png"));
  const FolderWalk walk = walk_folder(folder_);
  EXPECT_THAT(walk.own, ElementsAre("named", "report"));
  EXPECT_THAT(
      walk.warnings,
      ElementsAre("pictures that steelsight wrote itself were left out, in named and report",
                  "3 files are not images and were left out: 1 .csv, 1 .json and 1 .svg"));
}

TEST_F(FolderWalkTest, AnOutputInTheFolderThatIsWalkedCostsNoImageOfTheUser) {
  touch_all({"Cr_1.png", "Cr_2.jpg", "map.png", "map.svg", "explained/1_Cr_1.jpg"});
  write_file(folder_ / "predictions.csv", "path,label,prediction,confidence,p_Cr,error\n");
  EXPECT_THAT(images(), ElementsAre("Cr_1.png", "Cr_2.jpg"));
  EXPECT_THAT(walk_folder(folder_).own, ElementsAre(""));
}

TEST_F(FolderWalkTest, FilesThatAreOnlyCalledLikeSteelsightsLoseNothing) {
  touch_all({"a/config.json", "a/1.png", "b/predictions.csv", "b/explained/1.jpg", "b/1.png",
             "b/1.svg", "c/1.png", "c/1.svg"});
  EXPECT_THAT(images(), ElementsAre("a/1.png", "b/1.png", "b/explained/1.jpg", "c/1.png"));
  EXPECT_THAT(walk_folder(folder_).own, IsEmpty());
}

TEST_F(FolderWalkTest, RefusesWhatIsNotAFolder) {
  touch("file.bmp");
  EXPECT_THAT(message_of<DatasetError>([&] { walk_folder(folder_ / "missing"); }),
              HasSubstr("No such file or directory"));
  EXPECT_THAT(message_of<DatasetError>([&] { walk_folder(folder_ / "file.bmp"); }),
              HasSubstr("not a folder"));
  fs::create_directories(folder_ / "empty");
  EXPECT_THAT(walk_folder(folder_ / "empty").images, IsEmpty());
}

}  // namespace
}  // namespace steelsight::folder_walk_test
