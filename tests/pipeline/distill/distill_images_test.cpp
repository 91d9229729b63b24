#include "pipeline/distill/distill_images.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "models/loss.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::distill_images_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Files are told apart by their content; none is decoded here.
class DistillImagesTest : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& content = "") {
    fs::create_directories((folder_ / name).parent_path());
    folder_.add(name, content.empty() ? name : content);
  }
  void add_set(const std::string& set, const std::vector<std::string>& classes, int count) {
    for (const std::string& name : classes)
      for (int i = 0; i < count; ++i) add(set + "/" + name + "/" + std::to_string(i) + ".bmp");
  }
  DistillImages find(std::vector<std::string> images, std::vector<std::string> unlabelled = {}) {
    for (std::string& image : images) image = (folder_ / image).string();
    for (std::string& image : unlabelled) image = (folder_ / image).string();
    config_.images = std::move(images);
    config_.unlabelled = std::move(unlabelled);
    return find_distill_images(config_, console_);
  }

  const TemporaryFolder folder_;
  DistillConfig config_;
  Console console_{/*quiet=*/true};
};

TEST_F(DistillImagesTest, ClassesOfSeveralSetsAreOfTheirOwn) {
  add_set("a", {"crack", "free"}, 10);
  add_set("b", {"crack", "dent"}, 10);
  const DistillImages alone = find({"a"}), both = find({"a", "b/"});
  EXPECT_THAT(alone.class_names, ElementsAre("crack", "free"));
  EXPECT_THAT(both.class_names, ElementsAre("a/crack", "a/free", "b/crack", "b/dent"));
  EXPECT_EQ(both.train.size(), 36u);
  EXPECT_EQ(both.held_out.size(), 4u);
  for (std::size_t i = 0; i < both.train.size(); ++i)
    EXPECT_TRUE(both.train.names[i].starts_with(
        both.class_names[static_cast<std::size_t>(both.train.labels[i])]));
}

TEST_F(DistillImagesTest, FoldersWithoutLabelsAndOfOneClassGiveImagesAlone) {
  add_set("a", {"crack", "free"}, 5);
  add_set("boards", {"board"}, 5);
  add_set("archive", {"2024-01", "2024-02"}, 5);
  for (int i = 0; i < 5; ++i) add("flat/" + std::to_string(i) + ".bmp");
  const DistillImages images = find({"a", "boards", "flat"}, {"archive"});
  EXPECT_THAT(images.class_names, ElementsAre("crack", "free"));
  EXPECT_EQ(images.train.size() + images.held_out.size(), 30u);
  EXPECT_EQ(images.train.labelled().size() + images.held_out.labelled().size(), 10u);
  config_.label_weight = 0;
  EXPECT_THAT(find({"a"}).class_names, IsEmpty());
}

TEST_F(DistillImagesTest, WhatIsHeldOutIsNotLearnedUnderAnotherName) {
  add_set("a", {"crack", "free"}, 20);
  for (int i = 0; i < 20; ++i)  // the copies stand in another set
    add("b/" + std::to_string(i) + ".bmp", "a/crack/" + std::to_string(i) + ".bmp");
  const DistillImages images = find({"a", "b"});
  const std::set<std::uint64_t> learned(images.train.hashes.begin(), images.train.hashes.end());
  EXPECT_GT(images.held_out.size(), 0u);
  for (const std::uint64_t hash : images.held_out.hashes) EXPECT_FALSE(learned.contains(hash));
}

TEST_F(DistillImagesTest, ADeclaredTestPartIsLeftAlone) {
  add_set("a/train", {"crack", "free"}, 5);
  add_set("a/test", {"crack", "free"}, 5);
  config_.validation = 0;
  const DistillImages images = find({"a"});
  EXPECT_EQ(images.train.size(), 10u);
  EXPECT_EQ(images.held_out.size(), 0u);
}

TEST_F(DistillImagesTest, AClassThatIsNotLearnedIsDropped) {
  DistillImages images;
  images.class_names = {"a", "b", "c"};
  images.train.labels = {2, kIgnoredLabel, 0};
  images.held_out.labels = {1, 2};
  drop_empty_classes(images);
  EXPECT_THAT(images.class_names, ElementsAre("a", "c"));
  EXPECT_THAT(images.train.labels, ElementsAre(1, kIgnoredLabel, 0));
  EXPECT_THAT(images.held_out.labels, ElementsAre(kIgnoredLabel, 1));
}

}  // namespace
}  // namespace steelsight::distill_images_test
