#include "pipeline/features/feature_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace steelsight::feature_store_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class FeatureStoreTest : public testing::Test {
 protected:
  FeatureStoreTest() { fs::create_directories(folder_); }
  ~FeatureStoreTest() override { fs::remove_all(folder_); }

  void write_two() const {
    FeatureStore store(file_, 3);
    store.append({7, 0}, std::vector<float>{1, 2, 3});
    store.append({7, 9}, std::vector<float>{4, 5, 6});
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
  const fs::path file_ = folder_ / "deep" / "a.features";
};

TEST_F(FeatureStoreTest, KeepsRowsFromRunToRun) {
  write_two();
  FeatureStore store(file_, 3);
  EXPECT_EQ(store.size(), 2u);
  EXPECT_TRUE(store.contains({7, 9}));
  EXPECT_FALSE(store.contains({8, 0}));
  const FeatureStore::Mapping mapping = store.map();
  EXPECT_EQ(mapping.rows.at({7, 0})[2], 3);
  EXPECT_EQ(mapping.rows.at({7, 9})[0], 4);
  EXPECT_THROW(store.append({1, 0}, std::vector<float>{1}), std::invalid_argument);
}

TEST_F(FeatureStoreTest, SaysWhichFolderCanNotBeMade) {
  write_file(folder_ / "file", "x");
  EXPECT_THAT([&] { FeatureStore(folder_ / "file" / "deep" / "a.features", 3); },
              ThrowsMessage<FileError>(HasSubstr("file can't be made: Not a directory")));
}

// A killed run leaves any number of the last record's bytes.
TEST_F(FeatureStoreTest, CutsOffARecordThatIsNotWhole) {
  write_two();
  const std::string whole = read_file(file_);
  const std::size_t record = 3 * 8 + 3 * 4;
  for (std::size_t missing = 1; missing <= record; ++missing) {
    write_file(file_, whole.substr(0, whole.size() - missing));
    FeatureStore store(file_, 3);
    EXPECT_TRUE(store.contains({7, 0}));
    EXPECT_FALSE(store.contains({7, 9}));
    store.append({7, 9}, std::vector<float>{4, 5, 6});
    EXPECT_EQ(read_file(file_), whole) << missing;
  }
}

TEST_F(FeatureStoreTest, DoesNotTrustADamagedRow) {
  write_two();
  std::string damaged = read_file(file_);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  write_file(file_, damaged);
  EXPECT_EQ(FeatureStore(file_, 3).size(), 1u);
}

TEST_F(FeatureStoreTest, BeginsAnewWhatIsNotItsOwn) {
  write_two();
  EXPECT_EQ(FeatureStore(file_, 4).size(), 0u);
  write_file(file_, "something else");
  EXPECT_EQ(FeatureStore(file_, 3).size(), 0u);
}

// The lock once lived on in the mapping, and the next store waited for it for good.
TEST_F(FeatureStoreTest, AMappingOutlivesItsStoreWithoutTheLock) {
  write_two();
  FeatureStore::Mapping mapping = FeatureStore(file_, 3).map();
  FeatureStore again(file_, 3);
  again.append({8, 0}, std::vector<float>{0, 0, 0});
  EXPECT_EQ(mapping.rows.at({7, 0})[0], 1);
}

}  // namespace
}  // namespace steelsight::feature_store_test
