#include "datasets/image_list.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::image_list_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ImageListTest : public FolderFixture {
 protected:
  // The images that `inputs`, relative to the folder, lead to; relative again.
  std::vector<std::string> found(std::vector<std::string> inputs) const {
    for (std::string& input : inputs) input = (folder_ / input).string();
    std::vector<std::string> names;
    for (const fs::path& path : find_images(inputs))
      names.push_back(path.lexically_relative(folder_).string());
    return names;
  }
  std::string error(const std::string& input) const {
    return message_of<DatasetError>([&] { found({input}); });
  }
};

TEST_F(ImageListTest, KeepsTheOrderOfInputsAndSortsWithinOne) {
  touch_all({"b/10.bmp", "b/2.bmp", "b/sub/1.png", "a.bmp", "z.raw"});
  EXPECT_THAT(found({"z.raw", "b", "a.bmp", "b/2.bmp"}),
              ElementsAre("z.raw", "b/2.bmp", "b/10.bmp", "b/sub/1.png", "a.bmp", "b/2.bmp"));
}

TEST_F(ImageListTest, ExpandsPatternsToImagesAndFolders) {
  touch_all({"Cr_10.bmp", "Cr_2.BMP", "Cr_x.txt", "In_1.bmp", "Cr_d/1.bmp", ".Cr_1.bmp"});
  EXPECT_THAT(found({"Cr_*"}), ElementsAre("Cr_2.BMP", "Cr_10.bmp", "Cr_d/1.bmp"));
  EXPECT_THAT(found({"[IJ]n_?.bmp"}), ElementsAre("In_1.bmp"));
}

TEST_F(ImageListTest, BrokenLinksAreKeptByAPatternButRefusedAsAnInput) {
  fs::create_symlink("loop.bmp", folder_ / "loop.bmp");
  fs::create_symlink("nowhere", folder_ / "lost.bmp");
  EXPECT_THAT(found({"lo*.bmp"}), ElementsAre("loop.bmp", "lost.bmp"));
  EXPECT_THAT(error("loop.bmp"), HasSubstr("Too many levels of symbolic links"));
  EXPECT_THAT(error("lost.bmp"), HasSubstr("No such file"));
}

TEST_F(ImageListTest, ANameThatExistsIsNoPattern) {
  touch_all({"scan[1].bmp", "scan1.bmp"});
  EXPECT_THAT(found({"scan[1].bmp"}), ElementsAre("scan[1].bmp"));
  EXPECT_THAT(found({"scan[12].bmp"}), ElementsAre("scan1.bmp"));
}

TEST_F(ImageListTest, AnInputThatLeadsNowhereIsAnError) {
  touch_all({"texts/a.txt", "x.txt"});
  ASSERT_EQ(mkfifo((folder_ / "pipe.bmp").c_str(), 0600), 0);
  EXPECT_THAT(error("missing.bmp"), HasSubstr("missing.bmp: No such file"));
  EXPECT_THAT(error("texts"), HasSubstr("texts: no image found"));
  EXPECT_THAT(error("*.bmp"), HasSubstr("*.bmp: no image found"));
  EXPECT_THAT(error("x*"), HasSubstr("no image found"));
  EXPECT_THAT(error("pipe.bmp"), HasSubstr("not a file or folder"));
  EXPECT_THROW(find_images({""}), DatasetError);
  EXPECT_TRUE(find_images({}).empty());
}

}  // namespace
}  // namespace steelsight::image_list_test
