#include "pipeline/features/image_network.hpp"

#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/synth.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/train/learner.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/winograd.hpp"

namespace steelsight::image_network_test {
namespace {

struct Kept {
  std::string error;
  std::uint64_t hash;
  std::vector<float> logits, features;
};

// A small network with a head on the pooled outputs of two of its layers, and a broken image.
class CachedLayer : public testing::Test {
 protected:
  void SetUp() override {
    synthesize({.folder = images_, .per_class = 2, .seed = 1, .size = 32});
    write_file(images_ / "Cr_1.bmp", "no image");
    for (const Sample& sample : open_dataset(images_).samples)
      examples_.paths.push_back(sample.path);
    set_trunk_width(1.0 / 16);
    model_.class_names = {"Cr", "In", "PS", "Pa", "RS", "Sc"};
    model_.preprocessing = to_json(from_scratch(32));
  }
  void set_trunk_width(double width) {
    const NetworkSpec trunk = vgg16_slim({.classes = 6, .width = width, .input = {1, 32, 32}});
    model_.spec = classifier_on_features(trunk, {"block4_pool", "block5_pool"}, 6);
    model_.parameters = initial_parameters(model_.spec, 3);
  }
  std::vector<Kept> run(const std::string& layer, bool features = true) {
    return run(backend_, layer, features);
  }
  std::vector<Kept> run(Backend& backend, const std::string& layer, bool features = true) {
    ImageNetwork network(backend, model_, features,
                         {.batch_size = 4, .cached_layer = layer, .cache = cache_});
    std::vector<Kept> kept;
    network.run(examples_, [&](const ImageOutput& output) {
      EXPECT_EQ(output.item, kept.size());
      kept.push_back({output.error,
                      output.hash,
                      {output.logits.begin(), output.logits.end()},
                      {output.features.begin(), output.features.end()}});
    });
    return kept;
  }
  std::vector<fs::path> cached() const {
    if (!fs::exists(cache_)) return {};
    return {fs::directory_iterator(cache_), fs::directory_iterator()};
  }

  const TemporaryFolder folder_;
  const fs::path images_ = folder_ / "images", cache_ = folder_ / "cache";
  Backend backend_{1};
  Examples examples_;
  Model model_;
};

TEST_F(CachedLayer, GivesWhatTheWholeNetworkGives) {
  const std::vector<Kept> whole = run("");
  EXPECT_TRUE(cached().empty());
  for (const char* pass : {"computed", "cached"}) {
    SCOPED_TRACE(pass);
    const std::vector<Kept> behind = run(kFeaturesLayer);
    ASSERT_EQ(behind.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(behind[i].error, whole[i].error);
      EXPECT_EQ(behind[i].hash, whole[i].hash);
      ASSERT_EQ(behind[i].logits.size(), whole[i].logits.size());
      for (std::size_t k = 0; k < whole[i].logits.size(); ++k)
        EXPECT_NEAR(behind[i].logits[k], whole[i].logits[k], 1e-5f);
      ASSERT_EQ(behind[i].features.size(), whole[i].features.size());
      for (std::size_t d = 0; d < whole[i].features.size(); ++d)
        EXPECT_NEAR(behind[i].features[d], whole[i].features[d], 1e-5f);
    }
    EXPECT_NE(behind[0].error, "");
    EXPECT_EQ(behind[1].hash, content_hash(examples_.paths[1]));
  }
}

TEST_F(CachedLayer, ComputesEachImageOnce) {
  run(kFeaturesLayer);
  ASSERT_EQ(cached().size(), 1u);
  const std::string records = read_file(cached()[0]);  // what is computed is appended
  run(kFeaturesLayer, /*features=*/false);  // the same trunk, whatever is asked for behind it
  ASSERT_EQ(cached().size(), 1u);
  EXPECT_TRUE(read_file(cached()[0]) == records);
}

// What is kept in the cache outlives what is timed.
TEST_F(CachedLayer, IsComputedByDirectKernels) {
  set_trunk_width(0.5);  // wide enough for Winograd
  Backend timing(1, {.policy = KernelConfig::Policy::timed});
  run(timing, kFeaturesLayer);
  EXPECT_TRUE(timing.kernels_used().empty());
  run(timing, "");
  if (has_winograd()) {  // else there is nothing to time
    EXPECT_FALSE(timing.kernels_used().empty());
  }
}

TEST_F(CachedLayer, IsIgnoredWhereSomethingBeforeItIsAskedFor) {
  model_.spec = vgg16_slim({.classes = 6, .width = 1.0 / 16, .input = {1, 32, 32}});
  model_.parameters = initial_parameters(model_.spec, 3);
  const std::string last = features_layer(model_.spec);  // the memory also reads poolings before
  const std::vector<Kept> with = run(last), without = run("");
  EXPECT_EQ(with[1].features, without[1].features);
  EXPECT_TRUE(cached().empty());
}

}  // namespace
}  // namespace steelsight::image_network_test
