#include "datasets/part_name.hpp"

#include <gtest/gtest.h>

namespace steelsight::part_name_test {
namespace {

TEST(PartName, IsKnownInAllTheWaysThatDataSetsWriteIt) {
  for (const char* name :
       {"train", "Train", "TRAINING", "train_set", "trainset", "01_train", "Train-Images",
        "train_images", "TrainImages", "images train", "train2017", "dataset_train", "train_data"})
    EXPECT_EQ(part_named(name), Part::train) << name;
  for (const char* name : {"val", "valid", "Validation", "validating", "valset", "02-val"})
    EXPECT_EQ(part_named(name), Part::validation) << name;
  for (const char* name : {"test", "Testing", "test_set", "tests", "imgs_test", "03 Test"})
    EXPECT_EQ(part_named(name), Part::test) << name;
}

TEST(PartName, IsNoneOfAClass) {
  for (const char* name : {"", "crazing", "strain", "contest", "latest", "invalid", "train_masks",
                           "images", "set", "01", "Prüfung", "intest", "unlabelled"})
    EXPECT_EQ(part_named(name), std::nullopt) << name;
}

TEST(PartName, IsMentionedByAWord) {
  EXPECT_EQ(part_mentioned("train_masks"), Part::train);
  EXPECT_EQ(part_mentioned("masks (test)"), Part::test);
  EXPECT_EQ(part_mentioned("strain"), std::nullopt);
  EXPECT_EQ(part_mentioned(""), std::nullopt);
  EXPECT_EQ(part_mentioned("7_"), std::nullopt);
}

TEST(PartName, FoldersAroundImagesSayNothing) {
  for (const char* name : {"images", "IMG", "data", "01_images", "dataset", "image data"})
    EXPECT_TRUE(is_container_name(name)) << name;
  for (const char* name : {"", "01", "crazing", "NEU-DET", "train"})
    EXPECT_FALSE(is_container_name(name)) << name;
}

}  // namespace
}  // namespace steelsight::part_name_test
