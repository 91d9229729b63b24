#include "preprocessing/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <numeric>
#include <opencv2/core.hpp>
#include <thread>

#include "core/content_hash.hpp"
#include "preprocessing/decode.hpp"
#include "tests/preprocessing/image_files.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::loader_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t kImages = 23;

class LoaderTest : public testing::Test {
 protected:
  LoaderTest() {
    for (std::size_t i = 0; i < kImages; ++i) {
      cv::Mat image = test_image(20 + static_cast<int>(i), 24, CV_8UC1);
      paths.push_back(folder.add(std::to_string(i) + ".png", encode(".png", image)));
    }
  }

  std::vector<std::size_t> all() const {
    std::vector<std::size_t> order(paths.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }

  static std::vector<Batch> drain(Loader& loader) {
    std::vector<Batch> batches;
    while (std::optional<Batch> batch = loader.next()) batches.push_back(std::move(*batch));
    return batches;
  }

  TemporaryFolder folder;
  std::vector<fs::path> paths;
  Preprocessing preprocessing = from_scratch(16);
};

// `search` trains in several threads at once. Setting OpenCV's number of threads for each loader
// crashed there: that call is not safe beside another.
TEST_F(LoaderTest, ManyAreMadeAtOnce) {
  const auto make_many = [this] {
    for (int i = 0; i < 2000; ++i) Loader(paths, preprocessing, {.batch_size = 5});
  };
  std::jthread other(make_many);
  make_many();
}

TEST_F(LoaderTest, GivesWhatTheStepsGive) {
  Loader loader(paths, preprocessing, {.batch_size = 5});
  loader.start({3, 1, 4, 1, 5, 9, 2}, Random(0));
  const std::vector<Batch> batches = drain(loader);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_THAT(batches[0].items, ElementsAre(3, 1, 4, 1, 5));
  EXPECT_THAT(batches[1].items, ElementsAre(9, 2));
  for (const Batch& batch : batches) {
    ASSERT_EQ(batch.planes.size(), batch.items.size() * preprocessing.floats());
    EXPECT_THAT(batch.errors, Each(""));
    for (std::size_t row = 0; row < batch.items.size(); ++row) {
      std::vector<float> expected(preprocessing.floats());
      to_planes(read_image(paths[batch.items[row]]), preprocessing, expected.data());
      const auto first =
          batch.planes.begin() + static_cast<std::ptrdiff_t>(row * preprocessing.floats());
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), first));
      EXPECT_EQ(batch.hashes[row], content_hash(paths[batch.items[row]]));
    }
  }
}

TEST_F(LoaderTest, IsTheSameForAnyNumberOfThreads) {
  std::vector<Batch> expected;
  for (const std::size_t threads : {1, 2, 5}) {
    for (const std::size_t ahead : {1, 3, 100}) {
      Loader loader(paths, preprocessing,
                    {.batch_size = 4,
                     .threads = threads,
                     .batches_ahead = ahead,
                     .augmentation = Augmentation()});
      loader.start(all(), Random(9));
      const std::vector<Batch> batches = drain(loader);
      if (expected.empty()) expected = batches;
      ASSERT_EQ(batches.size(), expected.size());
      for (std::size_t i = 0; i < batches.size(); ++i) {
        EXPECT_EQ(batches[i].items, expected[i].items);
        EXPECT_EQ(batches[i].planes, expected[i].planes) << threads << " threads, batch " << i;
      }
    }
  }
}

TEST_F(LoaderTest, AugmentsByTheSeedAndThePlaceInTheOrder) {
  Loader loader(paths, preprocessing, {.batch_size = 8, .augmentation = Augmentation()});
  const auto planes = [&](std::uint64_t seed) {
    loader.start({7, 7}, Random(seed));
    return loader.next()->planes;
  };
  const std::vector<float> first = planes(1);
  EXPECT_EQ(planes(1), first);
  EXPECT_NE(planes(2), first);
  // The same image twice is changed in two ways.
  const auto half = first.begin() + static_cast<std::ptrdiff_t>(first.size() / 2);
  EXPECT_FALSE(std::equal(first.begin(), half, half));
  std::vector<float> expected(preprocessing.floats());
  to_planes(augment(resize_image(read_image(paths[7]), preprocessing), {}, Random(1).child(1)),
            preprocessing, expected.data());
  EXPECT_TRUE(std::equal(half, first.end(), expected.begin()));
}

TEST_F(LoaderTest, TurnsBrokenImagesIntoErrors) {
  paths[1] = folder.add("text.bmp", "no image");
  paths[2] = folder.path() / "missing.bmp";
  paths[4] = folder.add("empty.bmp", "");
  Loader loader(paths, preprocessing, {.batch_size = 6, .threads = 2});
  loader.start({0, 1, 2, 3, 4, 5}, Random(0));
  const std::optional<Batch> batch = loader.next();
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->errors,
              ElementsAre("", HasSubstr("text.bmp: is not a BMP"), HasSubstr("can't be read"), "",
                          HasSubstr("file is empty"), ""));
  EXPECT_EQ(batch->hashes[1], content_hash(paths[1]));
  EXPECT_EQ(batch->hashes[2], 0u);
  EXPECT_NE(batch->hashes[3], 0u);
  const auto row = [&](std::size_t i) {
    const float* first = batch->planes.data() + i * preprocessing.floats();
    return std::vector<float>(first, first + preprocessing.floats());
  };
  EXPECT_THAT(row(1), Each(0.0f));
  EXPECT_THAT(row(2), Each(0.0f));
  EXPECT_THAT(row(3), testing::Contains(testing::Ne(0.0f)));
  EXPECT_FALSE(loader.next());
}

TEST_F(LoaderTest, HoldsTheLimits) {
  Loader loader(paths, preprocessing, {.batch_size = 23, .limits = {.max_side = 30}});
  loader.start(all(), Random(0));
  const std::optional<Batch> batch = loader.next();
  for (std::size_t i = 0; i < kImages; ++i)
    EXPECT_EQ(batch->errors[i].empty(), 20 + i <= 30) << batch->errors[i];
}

// What isn't the file's fault ends the pass where it happened, and the loader can go on after it.
TEST_F(LoaderTest, PassesOtherErrorsOn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers end the program where memory ends";
#endif
  preprocessing.width = preprocessing.height = 4096;
  const std::size_t images = std::size_t{1} << 22;  // x 64 MiB: more than there are addresses
  Loader loader(paths, preprocessing, {.batch_size = images});
  loader.start(std::vector<std::size_t>(images, 0), Random(0));
  EXPECT_THROW(loader.next(), std::bad_alloc);
  EXPECT_THROW(loader.next(), std::bad_alloc);
  loader.start({1}, Random(0));
  EXPECT_THAT(loader.next()->items, ElementsAre(1));
}

TEST_F(LoaderTest, EndsAPassAnywhere) {
  for (const std::size_t threads : {1, 3}) {
    for (std::size_t taken = 0; taken < 7; ++taken) {
      Loader loader(paths, preprocessing, {.batch_size = 4, .threads = threads});
      EXPECT_FALSE(loader.next());
      loader.start(all(), Random(0));
      for (std::size_t i = 0; i < taken; ++i) loader.next();
      loader.start({5, 6}, Random(1));  // instead
      EXPECT_THAT(loader.next()->items, ElementsAre(5, 6));
      EXPECT_FALSE(loader.next());
      loader.start(all(), Random(2));
      loader.stop();
      loader.stop();
      EXPECT_FALSE(loader.next());
      loader.start(all(), Random(3));  // and goes away in the middle
    }
  }
}

TEST_F(LoaderTest, ManyPassesInARow) {
  Loader loader(paths, preprocessing, {.batch_size = 3, .threads = 4, .batches_ahead = 3});
  for (std::uint64_t pass = 0; pass < 30; ++pass) {
    loader.start(all(), Random(pass));
    std::size_t items = 0;
    while (const std::optional<Batch> batch = loader.next()) items += batch->items.size();
    EXPECT_EQ(items, kImages);
  }
}

// In a process of its own, of a user whom limits hold.
void limit_in_child(__rlimit_resource resource, rlim_t most) {
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(98);
  if (::setrlimit(resource, &both) != 0) ::_exit(99);
}

TEST_F(LoaderTest, WithoutAThreadTheCallersOwnDoesTheWork) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without threads";
  const auto load = [&] {
    Loader loader(paths, preprocessing, {.batch_size = 4, .threads = 3});
    loader.start(all(), Random(7));
    return drain(loader);
  };
  const std::vector<Batch> expected = load();
  const auto load_alone = [&] {
    limit_in_child(RLIMIT_NPROC, 1);
    const std::vector<Batch> batches = load();
    bool same = batches.size() == expected.size();
    for (std::size_t i = 0; same && i < batches.size(); ++i)
      same = batches[i].items == expected[i].items && batches[i].planes == expected[i].planes &&
             batches[i].errors == expected[i].errors && batches[i].hashes == expected[i].hashes;
    ::_exit(same ? 0 : 1);
  };
  EXPECT_EXIT(load_alone(), testing::ExitedWithCode(0), "");
}

// Else each image is a row with an error that is not its own.
TEST_F(LoaderTest, TooManyOpenFilesAreNoFaultOfAnImage) {
  for (const std::size_t threads : {1, 3}) {
    const auto load = [&] {
      Loader loader(paths, preprocessing, {.threads = threads});
      const rlimit none{.rlim_cur = 3, .rlim_max = 3};
      ::setrlimit(RLIMIT_NOFILE, &none);
      try {
        loader.start(all(), Random(0));
        loader.next();
      } catch (const ResourceError& error) {
        std::fputs(error.what(), stderr);
        ::_exit(1);
      }
      ::_exit(0);
    };
    EXPECT_EXIT(load(), testing::ExitedWithCode(1), "too low .ulimit -n");
  }
}

TEST_F(LoaderTest, RefusesWrongArguments) {
  using std::invalid_argument;
  EXPECT_THROW(Loader(paths, preprocessing, {.batch_size = 0}), invalid_argument);
  EXPECT_THROW(Loader(paths, preprocessing, {.threads = 0}), invalid_argument);
  EXPECT_THROW(Loader(paths, preprocessing, {.batches_ahead = 0}), invalid_argument);
  EXPECT_THROW(Loader(paths, from_scratch(0), {}), ConfigError);
  Augmentation bad;
  bad.max_noise = -1;
  EXPECT_THROW(Loader(paths, preprocessing, {.augmentation = bad}), ConfigError);
  Loader loader(paths, preprocessing, {});
  loader.start({0}, Random(0));
  EXPECT_THAT(
      [&] {
        loader.start({0, 23}, Random(0));
      },
      ThrowsMessage<std::out_of_range>(HasSubstr("position 23, expected below 23")));
  EXPECT_THAT(loader.next()->items, ElementsAre(0));  // the pass before goes on
}

// Of the file alone: wherever in a pass it stands, and whatever else is drawn there.
TEST_F(LoaderTest, AViewOfAFileIsTheSameInEveryPass) {
  const auto first_of = [&](const View& view, std::vector<std::size_t> order, std::size_t place) {
    Loader loader(paths, preprocessing, {.batch_size = 4, .view = view});
    loader.start(std::move(order), Random(place));
    const Batch batch = *loader.next();
    const auto begin =
        batch.planes.begin() + static_cast<std::ptrdiff_t>(place * preprocessing.floats());
    return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(preprocessing.floats()));
  };
  const View view{.augmentation = {}, .random = Random(3)};
  EXPECT_EQ(first_of(view, {0, 1, 2}, 1), first_of(view, {2, 3, 1}, 2));
  EXPECT_NE(first_of(view, {1}, 0), first_of({.augmentation = {}, .random = Random(4)}, {1}, 0));
  EXPECT_NE(first_of(view, {1}, 0), first_of({}, {1}, 0));
}

}  // namespace
}  // namespace steelsight::loader_test
