// Real weights of ImageNet, in folders beside the one that STEELSIGHT_NEU_DIR names: features of an
// image file are those that PyTorch computes from the same files
// (scripts/reference/export_weights.py --imagenet).
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "core/atomic_file.hpp"
#include "models/keras_file.hpp"
#include "models/safetensors.hpp"
#include "pipeline/extract/extract.hpp"
#include "tests/pipeline/features/deviation.hpp"

namespace steelsight::imagenet_test {
namespace {

const fs::path kData = STEELSIGHT_SOURCE_DIR "/tests/pipeline/features/data/weights";

class ImageNet : public testing::Test {
 protected:
  ImageNet() { fs::create_directories(folder_ / "images"); }
  ~ImageNet() override { fs::remove_all(folder_); }

  // Skips the test where the file is not there.
  void find(const std::string& name) {
    const char* neu = std::getenv("STEELSIGHT_NEU_DIR");
    if (neu == nullptr) GTEST_SKIP() << "STEELSIGHT_NEU_DIR is not set";
    file_ = fs::absolute(neu).parent_path() / name;
    if (!fs::exists(file_)) GTEST_SKIP() << file_ << " is not there";
  }

  std::vector<float> features(const std::string& arch, const std::vector<std::string>& layers) {
    fs::copy_file(kData / "image.png", folder_ / "images" / "image_1.png");
    Backend backend(1);
    Console quiet(true);
    ExtractConfig config;
    config.dataset = (folder_ / "images").string();
    config.output = (folder_ / "features").string();
    config.arch = arch;
    config.weights = file_.string();
    config.layers = layers;
    config.cache = (folder_ / "cache").string();
    config.batch_size = 1;
    extract(backend, config, quiet);
    const std::string npy = read_file(folder_ / "features.npy");
    std::uint16_t header = 0;  // its length stands behind 8 bytes of magic and version
    std::memcpy(&header, npy.data() + 8, sizeof header);
    std::vector<float> values((npy.size() - 10 - header) / sizeof(float));
    std::memcpy(values.data(), npy.data() + 10 + header, values.size() * sizeof(float));
    return values;
  }

  // Those of the layers one after the other.
  static void expect_as_pytorch(std::span<const float> got, const std::vector<std::string>& names) {
    const TensorMap golden = read_safetensors(kData / "imagenet.safetensors").tensors;
    for (const std::string& name : names) {
      const Values& expected = golden.at(name).values;
      ASSERT_LE(expected.size(), got.size());
      // f32 against f64.
      EXPECT_LT(deviation(got.first(expected.size()), expected), 1e-5) << name;
      got = got.subspan(expected.size());
    }
    EXPECT_EQ(got.size(), 0u);
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
  fs::path file_;
};

TEST_F(ImageNet, Resnet50) {
  find("resnet50/resnet50_imagenet_bnfolded.safetensors");
  if (IsSkipped()) return;
  expect_as_pytorch(features("resnet50", {"layer3", "layer4", "fc"}),
                    {"resnet50/layer3", "resnet50/layer4", "resnet50/fc"});
}

// The first two blocks of Keras' VGG16.
TEST_F(ImageNet, Vgg16Blocks1And2) {
  find("vgg16/vgg16_imagenet_blocks1-2.h5");
  if (IsSkipped()) return;
  expect_as_pytorch(features("vgg16", {"block2"}), {"vgg16/block2_pool"});
}

// A layer's name is a path here, and so may be a tensor's in its group.
TEST_F(ImageNet, KerasSqueezeNetIsReadWithItsNestedGroups) {
  find("keras/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5");
  if (IsSkipped()) return;
  const std::vector<KerasLayer> layers = read_keras_file(file_);
  ASSERT_EQ(layers.size(), 25u);  // a convolution, and eight fires of three
  std::int64_t parameters = 0;
  for (const KerasLayer& layer : layers) {
    ASSERT_EQ(layer.weights.size(), 2u) << layer.name;
    for (const KerasTensor& weight : layer.weights)
      parameters += element_count(weight.tensor.shape);
  }
  EXPECT_EQ(parameters, 722496);  // SqueezeNet 1.1 without its last convolution
  EXPECT_EQ(layers[1].name, "fire2/squeeze1x1");
  EXPECT_EQ(layers[1].weights[0].tensor.shape, (std::vector<std::int64_t>{1, 1, 64, 16}));
}

}  // namespace
}  // namespace steelsight::imagenet_test
