// Weights in the layouts of Keras, torchvision and timm: an image file's logits are those that
// PyTorch computes from the same files (scripts/reference/export_weights.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "models/error.hpp"
#include "models/network.hpp"
#include "models/safetensors.hpp"
#include "models/zoo.hpp"
#include "pipeline/extract/extract.hpp"
#include "pipeline/train/starting_point.hpp"
#include "preprocessing/decode.hpp"
#include "tests/pipeline/features/deviation.hpp"

namespace steelsight::weights_golden_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

const fs::path kData = STEELSIGHT_SOURCE_DIR "/tests/pipeline/features/data/weights";

struct File {
  const char* name;
  bool batch_norm;
  bool keras;
};

class ImportTest : public testing::Test {
 protected:
  ImportTest() { fs::create_directories(folder_); }
  ~ImportTest() override { fs::remove_all(folder_); }

  // VGG16 with a 32nd of its channels, 8 units in the dense layers; its last block gives 2x3
  // pixels.
  std::string write_spec(bool batch_norm, std::int64_t classes) const {
    NetworkSpec spec = vgg16({.classes = classes, .batch_norm = batch_norm, .input = {3, 64, 96}});
    for (LayerSpec& layer : spec.layers) {
      if (layer.type == LayerType::conv) layer.out /= 32;
      if (layer.type == LayerType::dense && layer.name != "predictions") layer.out = 8;
    }
    write_file(folder_ / "spec.json", to_json(spec).dump());
    return (folder_ / "spec.json").string();
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
};

class WeightsGolden : public ImportTest, public testing::WithParamInterface<File> {
 protected:
  StartingPoint import(std::size_t classes) const {
    TrainConfig config;
    config.arch = write_spec(GetParam().batch_norm, static_cast<std::int64_t>(classes));
    config.weights = (kData / GetParam().name).string();
    return make_starting_point(config, std::vector<std::string>(classes, "class"));
  }
};

TEST_P(WeightsGolden, GivesPyTorchsLogitsOfAnImageFile) {
  const StartingPoint point = import(7);
  const Preprocessing& preprocessing = image_preparation(point.preprocessing);
  EXPECT_EQ(preprocessing.channel_order, GetParam().keras ? ChannelOrder::bgr : ChannelOrder::rgb);
  std::vector<float> planes(preprocessing.floats()), logits(7);
  to_planes(read_image(kData / "image.png"), preprocessing, planes.data());
  Backend backend(1);
  InferenceNetwork network(backend, point.spec, point.parameters, {.batch_size = 1});
  network.run(planes, 1, logits);
  const Json expected = parse_json(read_file(kData / "logits.json"), "logits.json");
  // f32 against f64, through 16 layers.
  EXPECT_LT(deviation(logits, expected.at(GetParam().name).get<std::vector<float>>()), 1e-5);
}

TEST_P(WeightsGolden, AnotherNumberOfClassesTakesAllButTheHead) {
  const StartingPoint all = import(7), three = import(3);
  for (const auto& [name, tensor] : all.parameters) {
    if (name.starts_with("predictions")) continue;
    EXPECT_EQ(three.parameters.at(name).values, tensor.values) << name;
  }
  ASSERT_THAT(three.notes, SizeIs(1));
  EXPECT_THAT(three.notes[0], HasSubstr("left out 2 ("));
  EXPECT_THAT(three.notes[0],
              HasSubstr("freshly initialised 2 (predictions.weight, predictions.bias)"));
  EXPECT_THAT(all.notes[0], HasSubstr("left out 0; freshly initialised 0"));
}

INSTANTIATE_TEST_SUITE_P(Files, WeightsGolden,
                         testing::Values(File{"keras_flat.h5", false, true},
                                         File{"keras_nested.h5", false, true},
                                         File{"torchvision.safetensors", false, false},
                                         File{"torchvision_f16.safetensors", false, false},
                                         File{"timm_bf16.safetensors", false, false},
                                         File{"torchvision_bn.safetensors", true, false}),
                         [](const auto& test) {
                           const std::string name = test.param.name;
                           return name.substr(0, name.find('.'));
                         });

// Features of layers that the file says nothing about would be noise.
TEST_F(ImportTest, ExtractNeedsWeightsOfEveryLayer) {
  TensorMap trunk = read_safetensors(kData / "torchvision.safetensors").tensors;
  std::erase_if(trunk, [](const auto& tensor) { return !tensor.first.starts_with("features."); });
  write_safetensors(folder_ / "trunk.safetensors", trunk);
  fs::create_directories(folder_ / "images");
  fs::copy_file(kData / "image.png", folder_ / "images" / "image_1.png");
  ExtractConfig config;
  config.dataset = (folder_ / "images").string();
  config.output = (folder_ / "features").string();
  config.arch = write_spec(false, 7);
  config.weights = (folder_ / "trunk.safetensors").string();
  config.cache = (folder_ / "cache").string();
  config.layers = {"block5"};
  Backend backend(1);
  Console quiet(true);
  EXPECT_EQ(extract(backend, config, quiet).errors, 0u);
  config.layers = {"block5", "fc1_relu"};
  EXPECT_THAT([&] { extract(backend, config, quiet); },
              ThrowsMessage<ModelError>(
                  AllOf(HasSubstr(config.weights), HasSubstr("has nothing for 'fc1.weight'"))));
}

}  // namespace
}  // namespace steelsight::weights_golden_test
