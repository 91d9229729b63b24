// On the real NEU-CLS images, whose folder is in the environment variable STEELSIGHT_NEU_DIR.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "datasets/open_dataset.hpp"
#include "datasets/split.hpp"

namespace steelsight::neu_test {
namespace {

class NeuTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("STEELSIGHT_NEU_DIR");
    if (folder == nullptr) GTEST_SKIP() << "STEELSIGHT_NEU_DIR is not set";
    dataset_ = open_dataset(folder);
  }
  std::size_t index_of(const std::string& name) const {
    const auto found = std::find_if(dataset_.samples.begin(), dataset_.samples.end(),
                                    [&](const Sample& s) { return s.name == name; });
    return static_cast<std::size_t>(found - dataset_.samples.begin());
  }

  Dataset dataset_;
};

TEST_F(NeuTest, SixClassesOf250) {
  EXPECT_EQ(dataset_.layout, Layout::prefixed_files);
  EXPECT_THAT(dataset_.class_names, testing::ElementsAre("Cr", "In", "PS", "Pa", "RS", "Sc"));
  EXPECT_THAT(samples_per_class(dataset_), testing::Each(250));
  EXPECT_EQ(dataset_.samples.size(), 1500u);
}

TEST_F(NeuTest, TheIdenticalPairStaysOnOneSideAndProportionsHold) {
  const ContentHashes hashes = content_hashes(dataset_);
  const std::size_t a = index_of("Pa_101.bmp");
  const std::size_t b = index_of("Pa_105.bmp");
  ASSERT_EQ(hashes.at(a), hashes.at(b));
  const auto has = [](const std::vector<std::size_t>& part, std::size_t i) {
    return std::binary_search(part.begin(), part.end(), i);
  };
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Split split = make_split(dataset_, hashes, {.seed = seed});
    EXPECT_EQ(split.train.size(), 900u);
    EXPECT_EQ(split.validation.size(), 300u);
    EXPECT_EQ(split.test.size(), 300u);
    for (const Part part : {Part::train, Part::validation, Part::test})
      EXPECT_EQ(has(samples_in(split, part), a), has(samples_in(split, part), b)) << seed;
  }
  for (const Split& fold : make_folds(dataset_, hashes, {.seed = 1})) {
    EXPECT_EQ(fold.test.size(), 300u);
    EXPECT_EQ(fold.validation.size(), 240u);
    EXPECT_EQ(has(fold.test, a), has(fold.test, b));
    EXPECT_EQ(has(fold.train, a), has(fold.train, b));
  }
}

}  // namespace
}  // namespace steelsight::neu_test
