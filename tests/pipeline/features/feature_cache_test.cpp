#include "pipeline/features/feature_cache.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "core/atomic_file.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::feature_cache_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FeatureCacheTest : public testing::Test {
 protected:
  FeatureCache open(const fs::path& folder) {
    return {folder, "a", 2, [this](const std::string& reason) { told_.push_back(reason); }};
  }
  // So long after the beginning of time was it opened last.
  void add(const std::string& name, std::size_t bytes, std::time_t seconds) const {
    folder_.add(name, std::string(bytes, 'x'));
    opened_at(name, seconds);
  }
  void opened_at(const std::string& name, std::time_t seconds) const {
    const timespec times[2]{{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ / name).c_str(), times, 0), 0);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path()))
      found.push_back(entry.path().filename().string());
    std::ranges::sort(found);
    return found;
  }

  const TemporaryFolder folder_;
  std::vector<std::string> told_;
};

TEST_F(FeatureCacheTest, KeepsRowsInItsFile) {
  open(folder_ / "deep").append({7, 0}, std::vector<float>{1, 2});
  FeatureCache again = open(folder_ / "deep");
  EXPECT_TRUE(again.contains({7, 0}));
  EXPECT_EQ(again.map().rows.at({7, 0})[1], 2);
  EXPECT_THAT(told_, IsEmpty());
}

// Root may write everywhere, but not below a file.
TEST_F(FeatureCacheTest, WithoutAFolderRowsAreInMemoryAndThatIsSaidOnce) {
  folder_.add("file", "");
  for (int run = 0; run < 2; ++run) {
    FeatureCache::Mapping mapping;
    {
      FeatureCache cache = open(folder_ / "file");
      EXPECT_FALSE(cache.contains({7, 0}));
      cache.append({7, 0}, std::vector<float>{1, 2});
      EXPECT_TRUE(cache.contains({7, 0}));
      mapping = cache.map();
    }
    EXPECT_EQ(mapping.rows.at({7, 0})[1], 2);  // outlives the cache
  }
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_THAT(told_[0], HasSubstr((folder_ / "file").string()));
}

// What is no regular file there, too.
TEST_F(FeatureCacheTest, NeitherWaitsForAFifoNorReadsIt) {
  ASSERT_EQ(::mkfifo((folder_ / "a.features").c_str(), 0600), 0);
  FeatureCache cache = open(folder_.path());
  cache.append({7, 0}, std::vector<float>{1, 2});
  EXPECT_EQ(cache.map().rows.at({7, 0})[1], 2);
  EXPECT_EQ(told_.size(), 1u);
}

TEST_F(FeatureCacheTest, RowsBeyondAFullDiskAreInMemory) {
  FeatureCache cache = open(folder_.path());
  cache.append({1, 0}, std::vector<float>{1, 2});
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit full{.rlim_cur = fs::file_size(folder_ / "a.features") + 10,
                    .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  cache.append({2, 0}, std::vector<float>{3, 4});
  cache.append({3, 0}, std::vector<float>{5, 6});
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(told_.size(), 1u);
  const FeatureCache::Mapping mapping = cache.map();
  EXPECT_EQ(mapping.rows.size(), 3u);
  EXPECT_EQ(mapping.rows.at({1, 0})[0], 1);
  EXPECT_EQ(mapping.rows.at({2, 0})[0], 3);
  EXPECT_EQ(mapping.rows.at({3, 0})[1], 6);
}

TEST_F(FeatureCacheTest, TheOldestFilesAreRemovedUntilTheRestFits) {
  add("old.features", 100, 1000);
  add("older.features", 100, 500);
  add("new.features", 100, 2000);
  add("kernels.json", 100, 1);
  trim_cache(folder_.path(), 300);
  EXPECT_THAT(names(),
              ElementsAre("kernels.json", "new.features", "old.features", "older.features"));
  trim_cache(folder_.path(), 299);
  EXPECT_THAT(names(), ElementsAre("kernels.json", "new.features", "old.features"));
  trim_cache(folder_.path(), 0);
  EXPECT_THAT(names(), ElementsAre("kernels.json"));
  trim_cache(folder_ / "nowhere", 0);
}

TEST_F(FeatureCacheTest, AFileInUseIsNeverRemoved) {
  add("old.features", 100, 1000);
  {
    FeatureCache cache = open(folder_.path());
    opened_at("a.features", 1);  // the oldest now, and still open
    trim_cache(folder_.path(), 0);
    EXPECT_THAT(names(), ElementsAre("a.features"));
  }
  trim_cache(folder_.path(), 0);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FeatureCacheTest, OpeningAFileMakesItTheNewest) {
  open(folder_.path()).append({1, 0}, std::vector<float>{1, 2});
  add("b.features", 100, 2000);
  opened_at("a.features", 5);
  open(folder_.path());
  trim_cache(folder_.path(), fs::file_size(folder_ / "a.features"));
  EXPECT_THAT(names(), ElementsAre("a.features"));
}

TEST(DefaultCache, IsWhereTheEnvironmentSays) {
  const char* names[] = {"XDG_CACHE_HOME", "HOME"};
  std::map<std::string, std::string> before;
  for (const char* name : names)
    if (const char* value = std::getenv(name)) before[name] = value;
  ::setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(default_cache(), "/somewhere/steelsight");
  ::unsetenv("XDG_CACHE_HOME");
  ::setenv("HOME", "/home/x", 1);
  EXPECT_EQ(default_cache(), "/home/x/.cache/steelsight");
  ::unsetenv("HOME");
  EXPECT_FALSE(default_cache().string().starts_with("/tmp"));
  EXPECT_TRUE(default_cache().is_absolute());
  for (const char* name : names) ::unsetenv(name);
  for (const auto& [name, value] : before) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace
}  // namespace steelsight::feature_cache_test
