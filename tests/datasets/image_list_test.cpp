#include "datasets/image_list.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::image_list_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageListTest : public FolderFixture {
 protected:
  // The images that `inputs`, relative to the folder, lead to; relative again.
  std::vector<std::string> found(const std::vector<std::string>& inputs) const {
    std::vector<std::string> names;
    for (const fs::path& path : find(inputs).paths)
      names.push_back(path.lexically_relative(folder_).string());
    return names;
  }
  FoundImages find(std::vector<std::string> inputs) const {
    for (std::string& input : inputs) input = (folder_ / input).string();
    return find_images(inputs);
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
  EXPECT_TRUE(find_images({}).paths.empty());
}

TEST_F(ImageListTest, SaysWhatItLeftOut) {
  touch_all({"a/1.bmp", "a/x.webp", "b/2.bmp", "b.txt"});
  EXPECT_THAT(find({"a"}).warnings,
              ElementsAre("1 file is not an image and was left out: 1 .webp"));
  EXPECT_THAT(find({"b"}).warnings, IsEmpty());
  EXPECT_THAT(
      find({"b", "a"}).warnings,
      ElementsAre((folder_ / "a").string() + ": 1 file is not an image and was left out: 1 .webp"));
  EXPECT_THAT(find({"b*"}).warnings, ElementsAre("1 file is not an image and was left out"));
}

TEST_F(ImageListTest, OwnPicturesAreNoInputsUnlessThereIsNothingElse) {
  touch_all({"1.png", "map.png", "map.svg", "named/map.png", "named/map.svg", "named/report.json"});
  write_file(folder_ / "predictions.csv", "path,label,prediction,confidence,p_Cr,error\n");
  EXPECT_THAT(found({"*"}), ElementsAre("1.png"));
  EXPECT_THAT(found({"1.png", "named"}), ElementsAre("1.png"));
  EXPECT_THAT(found({"map.png"}), ElementsAre("map.png"));  // asked for by name
  EXPECT_THAT(error("named"), HasSubstr("no image found but pictures that steelsight wrote"));
}

TEST_F(ImageListTest, AListGivesItsImagesInTheirOrderByName) {
  touch_all({"img/10.bmp", "img/2.bmp"});
  write_file(folder_ / "list.csv", "path\nimg/10.bmp\nimg/2.bmp\nimg/missing.bmp\n");
  EXPECT_THAT(found({"list.csv"}), ElementsAre("img/2.bmp", "img/10.bmp", "img/missing.bmp"));
  write_file(folder_ / "labels.csv", "path,label\nimg/2.bmp,Cr\n");
  EXPECT_THAT(found({"labels.csv", "img/2.bmp"}), ElementsAre("img/2.bmp", "img/2.bmp"));
  write_file(folder_ / "bad.csv", "path,lable\nimg/2.bmp,Cr\n");
  EXPECT_THAT(error("bad.csv"), HasSubstr("bad.csv:1: unknown column 'lable'"));
}

}  // namespace
}  // namespace steelsight::image_list_test
