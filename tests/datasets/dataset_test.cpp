#include <gmock/gmock.h>

#include "datasets/open_dataset.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::dataset_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DatasetTest : public FolderFixture {
 protected:
  std::string error(const std::string& name = "") const {
    return message_of<DatasetError>([&] { open_dataset(folder_ / name); });
  }
};

TEST_F(DatasetTest, ClassFoldersAtAnyDepth) {
  touch_all({"裂纹/10.bmp", "裂纹/2.bmp", "pits/coil 7/side A/1.PNG", "pits/Cr_1.tif"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::class_folders);
  EXPECT_EQ(dataset.root, folder_);
  EXPECT_THAT(dataset.class_names, ElementsAre("pits", "裂纹"));
  EXPECT_THAT(labelled_names(dataset),
              ElementsAre("pits/Cr_1.tif=pits", "pits/coil 7/side A/1.PNG=pits", "裂纹/2.bmp=裂纹",
                          "裂纹/10.bmp=裂纹"));
  EXPECT_THAT(dataset.warnings, IsEmpty());
  for (const Sample& sample : dataset.samples) {
    EXPECT_EQ(read_file(sample.path), sample.name);
    EXPECT_FALSE(sample.part);
    EXPECT_EQ(sample.group, "");
  }
  EXPECT_THAT(samples_per_class(dataset), ElementsAre(2, 2));
}

TEST_F(DatasetTest, PrefixedFiles) {
  touch_all({"Cr_12.bmp", "Cr_2.BMP", "rolled-in_scale_300.bmp", "PS_007.bmp", "划痕_1.jpeg"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::prefixed_files);
  EXPECT_THAT(labelled_names(dataset),
              ElementsAre("Cr_2.BMP=Cr", "Cr_12.bmp=Cr", "PS_007.bmp=PS",
                          "rolled-in_scale_300.bmp=rolled-in_scale", "划痕_1.jpeg=划痕"));
}

TEST_F(DatasetTest, NamesWithoutAPrefixStayUnlabelledAmongOthers) {
  touch_all({"Cr_1.bmp", "_5.bmp", "12.bmp", "Cr_.bmp", "Cr7.bmp", "Cr_1 (2).bmp"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_THAT(dataset.class_names, ElementsAre("Cr"));
  EXPECT_THAT(samples_per_class(dataset), ElementsAre(1));
  EXPECT_THAT(dataset.warnings, ElementsAre("5 images have no label"));
}

TEST_F(DatasetTest, SplitFoldersWithClassFoldersOrPrefixedFiles) {
  touch_all({"Train/Cr/1.bmp", "Train/In/1.bmp", "val/Cr_1.bmp", "test/Pa/x/1.bmp"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::split_folders);
  EXPECT_THAT(labelled_names(dataset), ElementsAre("Train/Cr/1.bmp=Cr", "Train/In/1.bmp=In",
                                                   "test/Pa/x/1.bmp=Pa", "val/Cr_1.bmp=Cr"));
  std::vector<Part> parts;
  for (const Sample& sample : dataset.samples) parts.push_back(sample.part.value());
  EXPECT_THAT(parts, ElementsAre(Part::train, Part::train, Part::test, Part::validation));
}

TEST_F(DatasetTest, PartNames) {
  for (const char* name : {"valid", "VAL", "validation"}) {
    const fs::path root = folder_ / (std::string("of_") + name);
    touch("of_" + std::string(name) + "/train/Cr_1.bmp");
    touch("of_" + std::string(name) + "/" + name + "/Cr_2.bmp");
    const Dataset dataset = open_dataset(root);
    EXPECT_EQ(dataset.layout, Layout::split_folders) << name;
    EXPECT_EQ(std::count_if(dataset.samples.begin(), dataset.samples.end(),
                            [](const Sample& s) { return s.part == Part::validation; }),
              1)
        << name;
  }
}

TEST_F(DatasetTest, FoldersWithoutAnImageAreNoClassesAndTwinsAreReported) {
  touch_all({"crazing/1.bmp", "Crazing/1.bmp", "pits/deep/notes.txt"});
  fs::create_directories(folder_ / "lost+found");
  const Dataset dataset = open_dataset(folder_);
  EXPECT_THAT(dataset.class_names, ElementsAre("Crazing", "crazing"));
  EXPECT_THAT(dataset.empty_folders, ElementsAre("lost+found", "pits"));
  EXPECT_THAT(
      dataset.warnings,
      ElementsAre("1 file is not an image and was left out: 1 .txt",
                  "folders 'lost+found' and 'pits' hold no image and are no classes",
                  "classes 'Crazing' and 'crazing' differ only in case; they are kept as two "
                  "classes"));
}

TEST_F(DatasetTest, AReportInTheDataSetIsNoClassAndNoEmptyFolder) {
  touch_all({"Cr/1.png", "In/1.png", "report/map.png", "report/map.svg", "report/report.json"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_THAT(dataset.class_names, ElementsAre("Cr", "In"));
  EXPECT_THAT(dataset.empty_folders, IsEmpty());
}

TEST_F(DatasetTest, AnnotationsBesideImagesInPartsAreNoClasses) {
  touch_all({"train/images/Cr/1.bmp", "train/images/In/1.bmp", "train/annotations/1.xml",
             "validation/images/Cr/2.bmp", "validation/images/In/2.bmp",
             "validation/annotations/2.xml"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::split_folders);
  EXPECT_THAT(labelled_names(dataset),
              ElementsAre("train/images/Cr/1.bmp=Cr", "train/images/In/1.bmp=In",
                          "validation/images/Cr/2.bmp=Cr", "validation/images/In/2.bmp=In"));
}

TEST_F(DatasetTest, FoldersAroundTheDataSetAreLookedThrough) {
  touch_all({"zip/data/NEU-DET/train/Cr_1.bmp", "zip/data/NEU-DET/test/Cr_2.bmp",
             "yolo/images/train/Cr/1.bmp", "yolo/images/val/Cr/2.bmp", "yolo/labels/train/1.txt",
             "flat/images/Cr_1.bmp", "flat/images/In_1.bmp", "flat/readme.txt"});
  const Dataset zip = open_dataset(folder_ / "zip");
  EXPECT_THAT(zip.class_names, ElementsAre("Cr"));
  EXPECT_EQ(zip.samples[0].part, Part::test);
  const Dataset yolo = open_dataset(folder_ / "yolo");
  EXPECT_THAT(labelled_names(yolo),
              ElementsAre("images/train/Cr/1.bmp=Cr", "images/val/Cr/2.bmp=Cr"));
  EXPECT_EQ(yolo.samples[1].part, Part::validation);
  EXPECT_THAT(open_dataset(folder_ / "flat").class_names, ElementsAre("Cr", "In"));
}

TEST_F(DatasetTest, PartsInEachClassAreParts) {
  touch_all({"Cr/train/1.bmp", "Cr/test/deep/2.bmp", "In/train/3.bmp"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::split_folders);
  EXPECT_THAT(dataset.class_names, ElementsAre("Cr", "In"));
  EXPECT_EQ(dataset.samples[0].part, Part::test);
  EXPECT_EQ(dataset.samples[1].part, Part::train);
  touch("In/4.bmp");
  EXPECT_THAT(error(), HasSubstr("'In/4.bmp' lies in none of them"));
}

TEST_F(DatasetTest, SeveralDataSetsSideBySideAreNotTakenForClasses) {
  touch_all({"fold1/train/Cr/1.bmp", "fold1/train/In/1.bmp", "fold1/test/Cr/2.bmp",
             "fold2/train/Cr/3.bmp", "fold2/test/In/4.bmp"});
  EXPECT_THAT(error(), HasSubstr("'fold1' and 'fold2' hold parts with folders in them ('Cr' and "
                                 "'In'), expected one data set"));
}

TEST_F(DatasetTest, PartsBesideSomethingElseAreRefusedByName) {
  touch_all({"one/test/1.bmp", "one/Cr/1.bmp", "masks/train_masks/1.bmp", "masks/test_masks/1.bmp",
             "twice/train/Cr/1.bmp", "twice/val/Cr/1.bmp", "twice/valid/Cr/1.bmp"});
  EXPECT_THAT(error("one"), HasSubstr("'test' is called like a part of a data set beside "
                                      "'Cr', expected either train/ valid/ test/ alone"));
  EXPECT_THAT(error("masks"), HasSubstr("'test_masks' and 'train_masks' are called like parts"));
  EXPECT_THAT(error("twice"), HasSubstr("'val' and 'valid' are both called like the part "
                                        "validation"));
}

TEST_F(DatasetTest, AClassCalledUnknownIsRefusedWhereLabelsCount) {
  touch_all({"Cr/1.bmp", "Unknown/1.bmp"});
  EXPECT_THAT(error(), HasSubstr("a class is called 'Unknown', which is what classify calls"));
  EXPECT_EQ(open_dataset(folder_, Labels::optional).class_names.size(), 2u);
}

TEST_F(DatasetTest, StrayImagesBesideClassFoldersAreLeftOut) {
  touch_all({"Cr/1.bmp", "In/1.bmp", "overview.png"});
  const Dataset dataset = open_dataset(folder_);
  EXPECT_THAT(names_of(dataset), ElementsAre("Cr/1.bmp", "In/1.bmp"));
  EXPECT_THAT(dataset.warnings, ElementsAre("1 image beside the class folders left out"));
}

TEST_F(DatasetTest, EmptyFoldersBesidePrefixedFilesAreNoClasses) {
  touch("Cr_1.bmp");
  fs::create_directories(folder_ / "out");
  const Dataset dataset = open_dataset(folder_);
  EXPECT_EQ(dataset.layout, Layout::prefixed_files);
  EXPECT_THAT(dataset.class_names, ElementsAre("Cr"));
}

TEST_F(DatasetTest, AFolderAroundTheDataSetIsPointedOut) {
  touch_all({"NEU/Cr_1.bmp", "NEU/In_1.bmp", "of/folders/Cr/1.bmp", "of/folders/In/1.bmp"});
  fs::create_directories(folder_ / "prefixed");
  fs::rename(folder_ / "NEU", folder_ / "prefixed/NEU");
  const Dataset dataset = open_dataset(folder_ / "prefixed");
  EXPECT_THAT(dataset.class_names, ElementsAre("NEU"));
  EXPECT_THAT(dataset.warnings, ElementsAre("all images are in one class 'NEU', but their names "
                                            "show others; if those are meant, give the folder "
                                            "that holds them"));
  EXPECT_THAT(open_dataset(folder_ / "of").warnings,
              ElementsAre(HasSubstr("'folders', but the folders in it show others")));
}

TEST_F(DatasetTest, BrokenLinksStaySamples) {
  touch("Cr_1.bmp");
  fs::create_symlink("nowhere", folder_ / "Cr_2.bmp");
  EXPECT_THAT(names_of(open_dataset(folder_)), ElementsAre("Cr_1.bmp", "Cr_2.bmp"));
}

TEST_F(DatasetTest, ClassNamesAreAlwaysUtf8) {
  touch("Ri\xDF/1.bmp");
  EXPECT_THAT(open_dataset(folder_).class_names, ElementsAre("Ri\\xDF"));
}

TEST_F(DatasetTest, SaysWhatWasExpectedWhenNothingFits) {
  EXPECT_THAT(error("missing"), HasSubstr("No such file or directory, expected a data set"));
  EXPECT_THAT(error(), HasSubstr("no image found"));
  EXPECT_THAT(error(), HasSubstr("class folders (crazing/1.bmp)"));
  touch_all({"alone/a.bmp", "alone/b.bmp", "mixed/Cr_1.bmp", "mixed/In/1.bmp"});
  EXPECT_THAT(error("alone"), HasSubstr("none of 2 images has a label, expected class folders"));
  EXPECT_THAT(error("alone/a.bmp"), HasSubstr("a single file, expected a data set"));
  EXPECT_THAT(error("mixed"),
              HasSubstr("'Cr_1.bmp' has a class as prefix but lies beside folders"));
  touch_all({"parts/train/Cr_1.bmp", "parts/test/Cr_1.bmp", "parts/extra/Cr_1.bmp"});
  EXPECT_THAT(error("parts"), HasSubstr("'test' and 'train' are called like parts of a data set "
                                        "beside 'extra'"));
}

TEST_F(DatasetTest, NamesOfLayoutsAndParts) {
  EXPECT_EQ(to_string(Layout::class_folders), "class folders");
  EXPECT_EQ(to_string(Layout::prefixed_files), "prefixed files");
  EXPECT_EQ(to_string(Layout::csv_list), "CSV list");
  EXPECT_EQ(to_string(Layout::split_folders), "split folders");
  EXPECT_EQ(to_string(Part::train), "train");
  EXPECT_EQ(to_string(Part::validation), "validation");
  EXPECT_EQ(to_string(Part::test), "test");
}

}  // namespace
}  // namespace steelsight::dataset_test
