#include "datasets/split.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/content_hash.hpp"
#include "datasets/open_dataset.hpp"
#include "tests/datasets/folder_fixture.hpp"

namespace steelsight::split_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// `per_class` samples of each of the classes A, B, ...: "A_1.bmp", ...
Dataset make_dataset(std::size_t per_class, std::size_t classes) {
  Dataset dataset;
  dataset.root = "set";
  for (std::size_t c = 0; c < classes; ++c) {
    dataset.class_names.push_back(std::string(1, static_cast<char>('A' + c)));
    for (std::size_t i = 1; i <= per_class; ++i) {
      const std::string name = dataset.class_names[c] + "_" + std::to_string(i) + ".bmp";
      dataset.samples.push_back({.path = name, .name = name, .label = c, .part = {}, .group = ""});
    }
  }
  return dataset;
}

ContentHashes distinct_hashes(const Dataset& dataset) {
  ContentHashes hashes(dataset.samples.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) hashes[i] = 1000 + i;
  return hashes;
}

std::vector<std::size_t> class_counts(const Dataset& dataset,
                                      const std::vector<std::size_t>& part) {
  std::vector<std::size_t> counts(dataset.class_names.size(), 0);
  for (const std::size_t i : part) ++counts[dataset.samples[i].label.value()];
  return counts;
}

// Every index once, ascending within its part.
void expect_partition(const Split& split, std::size_t size) {
  std::vector<std::size_t> all;
  for (const auto* part : {&split.train, &split.validation, &split.test, &split.left_out}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  std::vector<std::size_t> expected(size);
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  EXPECT_EQ(all, expected);
}

bool operator==(const Split& a, const Split& b) {
  return a.train == b.train && a.validation == b.validation && a.test == b.test;
}

std::optional<Part> part_of(const Split& split, std::size_t i) {
  for (const Part part : {Part::train, Part::validation, Part::test}) {
    const auto& samples = samples_in(split, part);
    if (std::binary_search(samples.begin(), samples.end(), i)) return part;
  }
  return std::nullopt;
}

TEST(Split, KeepsClassProportions) {
  const Dataset dataset = make_dataset(25, 3);
  const Split split = make_split(dataset, distinct_hashes(dataset), {});
  expect_partition(split, 75);
  EXPECT_THAT(class_counts(dataset, split.train), ElementsAre(15, 15, 15));
  EXPECT_THAT(class_counts(dataset, split.validation), ElementsAre(5, 5, 5));
  EXPECT_THAT(class_counts(dataset, split.test), ElementsAre(5, 5, 5));
  EXPECT_THAT(split.left_out, IsEmpty());
}

TEST(Split, SameSeedSameSplitOtherSeedOtherSplit) {
  const Dataset dataset = make_dataset(25, 3);
  const auto hashes = distinct_hashes(dataset);
  EXPECT_TRUE(make_split(dataset, hashes, {.seed = 5}) == make_split(dataset, hashes, {.seed = 5}));
  EXPECT_FALSE(make_split(dataset, hashes, {.seed = 5}) ==
               make_split(dataset, hashes, {.seed = 6}));
  EXPECT_FALSE(make_split(dataset, hashes, {.seed = 0}) ==
               make_split(dataset, hashes, {.seed = 1}));
}

TEST(Split, EverySampleGetsIntoEveryPartForSomeSeed) {
  const Dataset dataset = make_dataset(5, 1);
  std::set<std::pair<std::size_t, Part>> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Split split = make_split(dataset, distinct_hashes(dataset), {.seed = seed});
    for (std::size_t i = 0; i < 5; ++i) seen.emplace(i, part_of(split, i).value());
  }
  EXPECT_EQ(seen.size(), 15u);
}

TEST(Split, DoesNotDependOnContentHashesOrOtherClassesImages) {
  const Dataset two = make_dataset(25, 2);
  const Dataset three = make_dataset(25, 3);
  auto other_hashes = distinct_hashes(two);
  for (auto& hash : other_hashes) hash = *hash * 77;
  const Split split = make_split(two, distinct_hashes(two), {.seed = 3});
  EXPECT_TRUE(split == make_split(two, other_hashes, {.seed = 3}));
  const Split larger = make_split(three, distinct_hashes(three), {.seed = 3});
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(part_of(split, i), part_of(larger, i));
}

TEST(Split, IdenticalFilesAndGroupsStayTogetherTransitively) {
  Dataset dataset = make_dataset(30, 2);
  auto hashes = distinct_hashes(dataset);
  hashes[20] = hashes[3];           // 3 and 20 are copies,
  dataset.samples[20].group = "g";  // 20 and 7 one group,
  dataset.samples[7].group = "g";
  hashes[41] = hashes[7];  // and 41, of another class, a copy of 7
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Split split = make_split(dataset, hashes, {.seed = seed});
    expect_partition(split, 60);
    for (const std::size_t i : {7u, 20u, 41u}) EXPECT_EQ(part_of(split, i), part_of(split, 3));
    for (const auto& part : {split.validation, split.test})
      for (const std::size_t count : class_counts(dataset, part)) EXPECT_EQ(count, 6u);
  }
}

TEST(Split, UnreadableFilesAreUnitsOfTheirOwn) {
  const Dataset dataset = make_dataset(10, 1);
  const Split split = make_split(dataset, ContentHashes(10), {});
  EXPECT_EQ(split.train.size(), 6u);
}

TEST(Split, UnlabelledSamplesAreLeftOut) {
  Dataset dataset = make_dataset(10, 1);
  dataset.samples[4].label.reset();
  const Split split = make_split(dataset, distinct_hashes(dataset), {});
  EXPECT_THAT(split.left_out, ElementsAre(4));
  expect_partition(split, 10);
}

TEST(Split, KeepsDeclaredPartsAndTakesWhatIsMissingFromTheRest) {
  Dataset dataset = make_dataset(30, 2);
  for (std::size_t i = 0; i < 60; ++i)
    dataset.samples[i].part = i % 3 == 0 ? Part::test : Part::train;
  const Split split = make_split(dataset, distinct_hashes(dataset), {.validation = 0.25});
  expect_partition(split, 60);
  for (const std::size_t i : split.test) EXPECT_EQ(i % 3, 0u);
  EXPECT_EQ(split.test.size(), 20u);
  EXPECT_THAT(class_counts(dataset, split.validation), ElementsAre(5, 5));
  EXPECT_THAT(class_counts(dataset, split.train), ElementsAre(15, 15));
}

TEST(Split, AFullyDeclaredDataSetIsTakenAsItIs) {
  Dataset dataset = make_dataset(4, 1);
  dataset.samples[0].part = Part::test;
  dataset.samples[1].part = Part::train;
  dataset.samples[2].part = Part::validation;  // and 3 without a part: to train
  const Split split = make_split(dataset, distinct_hashes(dataset), {});
  EXPECT_THAT(split.train, ElementsAre(1, 3));
  EXPECT_THAT(split.validation, ElementsAre(2));
  EXPECT_THAT(split.test, ElementsAre(0));
}

TEST(Split, CopiesOnTheWeakerDeclaredSideAreLeftOut) {
  Dataset dataset = make_dataset(6, 1);
  for (std::size_t i = 0; i < 6; ++i)
    dataset.samples[i].part = i < 3 ? Part::train : i < 4 ? Part::validation : Part::test;
  auto hashes = distinct_hashes(dataset);
  hashes[1] = hashes[5];  // train and test
  hashes[2] = hashes[3];  // train and validation
  const Split split = make_split(dataset, hashes, {});
  EXPECT_THAT(split.train, ElementsAre(0));
  EXPECT_THAT(split.validation, ElementsAre(3));
  EXPECT_THAT(split.test, ElementsAre(4, 5));
  EXPECT_THAT(split.left_out, ElementsAre(1, 2));
}

TEST(Split, SmallClasses) {
  const Dataset three = make_dataset(3, 2);
  const Split split = make_split(three, distinct_hashes(three), {});
  for (const Part part : {Part::train, Part::validation, Part::test})
    EXPECT_THAT(class_counts(three, samples_in(split, part)), ElementsAre(1, 1));
  const Dataset two = make_dataset(2, 1);
  EXPECT_THAT(message_of<DatasetError>([&] { make_split(two, distinct_hashes(two), {}); }),
              HasSubstr("set: class 'A' has 2 independent images or groups (copies count once) and "
                        "reaches 2 of 3 parts (train, validation, test), expected all"));
  EXPECT_EQ(make_split(two, distinct_hashes(two), {.validation = 0}).test.size(), 1u);
  auto copies = distinct_hashes(three);
  copies[1] = copies[0];
  EXPECT_THROW(make_split(three, copies, {}), DatasetError);
}

TEST(Split, AClassWithoutSamplesIsNoObstacle) {
  Dataset dataset = make_dataset(5, 1);
  dataset.class_names.push_back("Z");
  EXPECT_EQ(make_split(dataset, distinct_hashes(dataset), {}).train.size(), 3u);
}

TEST(Split, RefusesSharesOutOfRange) {
  const Dataset dataset = make_dataset(10, 1);
  const auto hashes = distinct_hashes(dataset);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const SplitOptions& options :
       {SplitOptions{.validation = -0.1}, SplitOptions{.test = 1}, SplitOptions{.test = nan},
        SplitOptions{.validation = 0.5, .test = 0.5}})
    EXPECT_THROW(make_split(dataset, hashes, options), ConfigError);
  EXPECT_THROW(make_folds(dataset, hashes, {.k = 1}), ConfigError);
  EXPECT_THROW(make_folds(dataset, hashes, {.validation = 1}), ConfigError);
  EXPECT_THROW(make_split(dataset, ContentHashes(9), {}), std::invalid_argument);
}

TEST(Folds, TestPartsAreDisjointAndCoverAll) {
  Dataset dataset = make_dataset(23, 3);
  auto hashes = distinct_hashes(dataset);
  hashes[10] = hashes[11];
  dataset.samples[40].label.reset();
  const auto folds = make_folds(dataset, hashes, {.k = 5, .validation = 0.25, .seed = 9});
  ASSERT_EQ(folds.size(), 5u);
  std::vector<int> tested(69, 0);
  for (const Split& fold : folds) {
    expect_partition(fold, 69);
    EXPECT_THAT(fold.left_out, ElementsAre(40));
    EXPECT_EQ(part_of(fold, 10), part_of(fold, 11));
    for (const std::size_t i : fold.test) ++tested[i];
    for (const std::size_t count : class_counts(dataset, fold.test)) {
      EXPECT_GE(count, 4u);
      EXPECT_LE(count, 5u);
    }
    for (const std::size_t count : class_counts(dataset, fold.validation)) {
      EXPECT_GE(count, 4u);  // a quarter of 17 to 19
      EXPECT_LE(count, 5u);
    }
  }
  for (std::size_t i = 0; i < 69; ++i) EXPECT_EQ(tested[i], i == 40 ? 0 : 1);
}

TEST(Folds, ValidationMayBeEmptyAndSmallClassesAreRefused) {
  const Dataset dataset = make_dataset(4, 2);
  for (const Split& fold :
       make_folds(dataset, distinct_hashes(dataset), {.k = 4, .validation = 0})) {
    EXPECT_THAT(fold.validation, IsEmpty());
    EXPECT_EQ(fold.train.size(), 6u);
  }
  EXPECT_THAT(
      message_of<DatasetError>([&] { make_folds(dataset, distinct_hashes(dataset), {.k = 5}); }),
      HasSubstr("reaches 4 of 5 parts (5 folds)"));
}

class ContentHashesTest : public FolderFixture {};

TEST_F(ContentHashesTest, EqualForCopiesAndNoneForUnreadableFiles) {
  for (const char* name : {"A_1.bmp", "A_2.bmp", "A_3.bmp"}) write_file(folder_ / name, "pixels");
  write_file(folder_ / "A_2.bmp", "others");
  fs::create_symlink("nowhere", folder_ / "A_4.bmp");
  const ContentHashes hashes = content_hashes(open_dataset(folder_));
  ASSERT_EQ(hashes.size(), 4u);
  EXPECT_EQ(hashes[0], content_hash("pixels", 6));
  EXPECT_EQ(hashes[0], hashes[2]);
  EXPECT_NE(hashes[0], hashes[1]);
  EXPECT_EQ(hashes[3], std::nullopt);
}

}  // namespace
}  // namespace steelsight::split_test
