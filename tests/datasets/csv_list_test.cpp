#include "datasets/csv_list.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "datasets/open_dataset.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::csv_list_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CsvListTest : public FolderFixture {
 protected:
  Dataset open(const std::string& text) const {
    write_file(folder_ / "list.csv", text);
    return open_dataset(folder_ / "list.csv");
  }
  std::string error(const std::string& text) const {
    return message_of<DatasetError>([&] { open(text); });
  }
};

TEST_F(CsvListTest, ReadsPathsLabelsPartsAndGroups) {
  touch_all({"a/1.bmp", "=2.bmp", "裂纹 3.bmp"});
  const Dataset dataset = open(
      "\xEF\xBB\xBFpath,label,split,group\r\n"
      "./a/../a/1.bmp,crazing,TRAIN,coil 7\r\n"
      "=2.bmp,\"pits, deep\",val,\r\n"
      "裂纹 3.bmp,crazing,,coil 7\r\n"
      "../missing.bmp,,test,\r\n" +
      (folder_ / "a" / "4.bmp").string() + ",crazing,test,\r\n/elsewhere/5.bmp,crazing,test,\r\n");
  EXPECT_EQ(dataset.layout, Layout::csv_list);
  EXPECT_EQ(dataset.root, folder_);
  EXPECT_THAT(labelled_names(dataset),
              ElementsAre("../missing.bmp=", "/elsewhere/5.bmp=crazing", "=2.bmp=pits, deep",
                          "a/1.bmp=crazing", "a/4.bmp=crazing", "裂纹 3.bmp=crazing"));
  EXPECT_EQ(dataset.samples[3].path, folder_ / "a" / "1.bmp");
  EXPECT_EQ(dataset.samples[3].part, Part::train);
  EXPECT_EQ(dataset.samples[3].group, "coil 7");
  EXPECT_EQ(dataset.samples[2].part, Part::validation);
  EXPECT_EQ(dataset.samples[2].group, "");
  EXPECT_EQ(dataset.samples[5].part, std::nullopt);
  EXPECT_EQ(read_file(dataset.samples[5].path), "裂纹 3.bmp");
  EXPECT_THAT(dataset.warnings, ElementsAre("1 image has no label"));
}

TEST_F(CsvListTest, PartsAreNamedInTheUsualWays) {
  const Dataset dataset =
      open("path,label,split\na.bmp,Cr,Training\nb.bmp,Cr,testing\nc.bmp,Cr,val_set\nd.bmp,Cr,\n");
  EXPECT_EQ(dataset.samples[0].part, Part::train);
  EXPECT_EQ(dataset.samples[1].part, Part::test);
  EXPECT_EQ(dataset.samples[2].part, Part::validation);
  EXPECT_EQ(dataset.samples[3].part, std::nullopt);
}

TEST_F(CsvListTest, AListOfWhichNoFileIsThereSaysWhereItLooked) {
  EXPECT_THAT(open("path,label\na.bmp,Cr\nb.bmp,In\n").warnings,
              ElementsAre("none of the 2 files of the list is there; paths are relative to the "
                          "list's folder, " +
                          fs::canonical(folder_).string()));
  touch("a.bmp");
  EXPECT_THAT(open("path,label\na.bmp,Cr\nb.bmp,In\n").warnings, testing::IsEmpty());
}

TEST_F(CsvListTest, ABackslashInANameThatExistsIsOne) {
  touch("a\\b.bmp");
  EXPECT_THAT(names_of(open("path,label\na\\b.bmp,Cr\n")), ElementsAre("a\\b.bmp"));
}

TEST_F(CsvListTest, ColumnsStandInAnyOrder) {
  EXPECT_THAT(labelled_names(open("label,path\nCr,x.bmp\n")), ElementsAre("x.bmp=Cr"));
}

TEST_F(CsvListTest, APathWithoutFolderIsRelativeToTheWorkingFolder) {
  touch("x.bmp");
  write_file(folder_ / "list.csv", "path,label\nx.bmp,Cr\n");
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  const Dataset dataset = open_dataset("list.csv");
  EXPECT_EQ(read_file(dataset.samples.at(0).path), "x.bmp");
  EXPECT_EQ(dataset.samples.at(0).name, "x.bmp");
  fs::current_path(before);
}

TEST_F(CsvListTest, SaysFileAndLineOfWhatIsWrong) {
  ASSERT_EQ(mkfifo((folder_ / "pipe.bmp").c_str(), 0600), 0);
  fs::create_directories(folder_ / "folder");
  const struct {
    const char *text, *message;
  } cases[] = {
      {"", "list.csv:1: empty, expected path,label"},
      {"path,label\n", "no row follows the header"},
      {"x.bmp,Cr\n", "list.csv:1: unknown column 'x.bmp', expected path,label[,split,group]"},
      {"path;label\nx.bmp;Cr\n", "list.csv:1: the columns are divided by ';'"},
      {"x.bmp,Cr\n", "for a table; the first line names the columns"},
      {"Path,Label\nx.bmp,Cr\n", "unknown column 'Path', expected"},
      {"Path,Label\nx.bmp,Cr\n", "; write it as 'path'"},
      {"path,label \nx.bmp,Cr\n", "; write it as 'label'"},
      {"filename,class\nx.bmp,Cr\n", "; call it 'path' if it is that"},
      {"path,class\nx.bmp,Cr\n", "; call it 'label' if it is that"},
      {"path,label,subset\nx.bmp,Cr,\n", "; call it 'split' if it is that"},
      {"path,label,operator\nx.bmp,Cr,me\n", "unknown column 'operator', expected path,label"},
      {"path,label,operator\nx.bmp,Cr,me\n", "; leave it out"},
      {"path,label\nimg\\x.bmp,Cr\n",
       "list.csv:2: 'img\\x.bmp' has backslashes, expected a path with /"},
      {"path,label\nD:\\img\\x.bmp,Cr\n", "'D:\\img\\x.bmp' is a path of Windows, expected one"},
      {"path,label\nD:/img/x.bmp,Cr\n", "'D:/img/x.bmp' is a path of Windows"},
      {"path,label\n\\\\server\\x.bmp,Cr\n", "is a path of Windows"},
      {"path,label\nfile:///img/x.bmp,Cr\n", "is an address, expected a path"},
      {"path\nx.bmp\n", "column 'label' is missing"},
      {"path,label,path\na,b,c\n", "column 'path' is there twice"},
      {"path,label\na.bmp,Cr\n,Cr\n", "list.csv:3: path is empty"},
      {"path,label\na.bmp,Cr\n./a.bmp,In\n", "list.csv:3: 'a.bmp' is listed already on line 2"},
      {"path,label\npipe.bmp,Cr\n", "list.csv:2: 'pipe.bmp' is not a file"},
      {"path,label\nfolder,Cr\n", "'folder' is not a file"},
      {"path,label\n/dev/zero,Cr\n", "'/dev/zero' is not a file"},
      {"path,label,split\na.bmp,Cr,tarin\n", "list.csv:2: split is 'tarin', expected train, valid"},
      {"path,label\na.bmp,Ri\xDF\n", "list.csv:2: label 'Ri\\xDF' is not UTF-8"},
      {"path,label,group\na.bmp,Cr,\xFF\n", "list.csv:2: group '\\xFF' is not UTF-8"},
      {"path,label\na.bmp\n", "list.csv:2: row has 1 cells"},
      {"path,label\na.bmp,\n", "none of 1 images has a label"},
  };
  for (const auto& c : cases) EXPECT_THAT(error(c.text), HasSubstr(c.message));
  EXPECT_THROW(read_csv_list(folder_ / "missing.csv"), FileError);
}

}  // namespace
}  // namespace steelsight::csv_list_test
