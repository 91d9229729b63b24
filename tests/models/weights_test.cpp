// Weights of other programs, in files made here in their names and layouts.
#include "models/weights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "models/error.hpp"
#include "models/keras_file.hpp"
#include "models/safetensors.hpp"
#include "tests/models/keras_writer.hpp"

namespace steelsight::weights_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

// As VGG16 is built, and small: 3x2 pixels of 4 channels are flattened.
NetworkSpec tiny(std::int64_t classes) {
  return {.input = {2, 6, 4},
          .layers = {{.type = LayerType::conv, .name = "c", .out = 4, .kernel = 3, .pad = 1},
                     {.type = LayerType::activation, .name = "c_relu"},
                     {.type = LayerType::maxpool, .name = "p", .kernel = 2, .stride = 2},
                     {.type = LayerType::flatten, .name = "f"},
                     {.type = LayerType::dense, .name = "d", .out = 5},
                     {.type = LayerType::activation, .name = "d_relu"},
                     {.type = LayerType::dropout, .name = "d_drop"},
                     {.type = LayerType::dense, .name = "out", .out = classes}}};
}

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Random random(seed);
  Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)))};
  for (float& value : tensor.values) value = random.normal();
  return tensor;
}

class WeightsTest : public testing::Test {
 protected:
  WeightsTest() { fs::create_directories(folder_); }
  ~WeightsTest() override { fs::remove_all(folder_); }

  fs::path torch_file(const TensorMap& tensors) const {
    write_safetensors(folder_ / "torch", tensors);
    return folder_ / "torch";
  }
  static TensorMap torch_tensors() {
    return {{"features.0.weight", random_tensor({4, 2, 3, 3}, 1)},
            {"features.0.bias", random_tensor({4}, 2)},
            {"classifier.0.weight", random_tensor({5, 24}, 3)},
            {"classifier.0.bias", random_tensor({5}, 4)},
            {"classifier.3.weight", random_tensor({7, 5}, 5)},
            {"classifier.3.bias", random_tensor({7}, 6)}};
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
};

TEST_F(WeightsTest, TorchvisionCountsEveryLayerOfAPart) {
  const ImportedWeights imported = import_weights(torch_file(torch_tensors()), tiny(7));
  EXPECT_THAT(imported.matched, SizeIs(6));
  EXPECT_THAT(imported.fresh, SizeIs(0));
  EXPECT_EQ(imported.convention, WeightsConvention::torchvision);
  EXPECT_EQ(imported.parameters.at("c.weight").values,
            torch_tensors().at("features.0.weight").values);
  EXPECT_EQ(imported.parameters.at("out.weight").values,
            torch_tensors().at("classifier.3.weight").values);
}

TEST_F(WeightsTest, AnotherNumberOfClassesLeavesTheHeadOut) {
  const ImportedWeights imported = import_weights(torch_file(torch_tensors()), tiny(3));
  EXPECT_THAT(imported.fresh, ElementsAre("out.weight", "out.bias"));
  EXPECT_THAT(imported.left_out,
              ElementsAre(HasSubstr("is 7, expected 3"), HasSubstr("classifier.3.weight: is 7x5")));
}

TEST_F(WeightsTest, RefusesShapesThatDoNotFitAndFilesOfOtherNetworks) {
  TensorMap wrong = torch_tensors();
  wrong["features.0.weight"] = random_tensor({4, 3, 3, 3}, 1);
  const fs::path file = torch_file(wrong);
  EXPECT_THAT([&] { import_weights(file, tiny(7)); },
              ThrowsMessage<ModelError>(
                  HasSubstr("'features.0.weight' is 4x3x3x3, expected 4x2x3x3 for 'c.weight'")));
  const fs::path other = torch_file({{"else.weight", random_tensor({1}, 1)}});
  EXPECT_THAT([&] { import_weights(other, tiny(7)); },
              ThrowsMessage<ModelError>(HasSubstr("has no tensor for this network")));
}

// Element by element: (row, column, in, out) and, behind the flatten, inputs by row, column,
// channel.
TEST_F(WeightsTest, KerasLayoutsBecomeOurs) {
  const fs::path file = folder_ / "keras.h5";
  const Tensor conv = random_tensor({3, 3, 2, 4}, 1), dense = random_tensor({24, 5}, 2);
  write_keras_file(file, {{"c", {{"c_W_1:0", conv}, {"c_b_1:0", random_tensor({4}, 3)}}},
                          {"p", {}},
                          {"d", {{"kernel:0", dense}, {"bias:0", random_tensor({5}, 4)}}}});
  EXPECT_TRUE(is_hdf5(file));
  const ImportedWeights imported = import_weights(file, tiny(7));
  EXPECT_EQ(imported.convention, WeightsConvention::keras_caffe);
  EXPECT_THAT(imported.fresh, ElementsAre("out.weight", "out.bias"));
  const Tensor& ours = imported.parameters.at("c.weight");
  for (std::size_t o = 0; o < 4; ++o)
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t h = 0; h < 3; ++h)
        for (std::size_t w = 0; w < 3; ++w)
          EXPECT_EQ(ours.values[((o * 2 + i) * 3 + h) * 3 + w],
                    conv.values[((h * 3 + w) * 2 + i) * 4 + o]);
  const Tensor& flat = imported.parameters.at("d.weight");
  for (std::size_t o = 0; o < 5; ++o)
    for (std::size_t c = 0; c < 4; ++c)
      for (std::size_t h = 0; h < 3; ++h)
        for (std::size_t w = 0; w < 2; ++w)
          EXPECT_EQ(flat.values[o * 24 + (c * 3 + h) * 2 + w],
                    dense.values[((h * 2 + w) * 4 + c) * 5 + o]);
}

TEST_F(WeightsTest, AModelCanBeALayerOfAKerasModel) {
  const fs::path file = folder_ / "keras.h5";
  const Tensor bias = random_tensor({4}, 3);
  write_keras_file(file, {{"vgg",
                           {{"c/kernel:0", random_tensor({3, 3, 2, 4}, 1)},
                            {"c/bias:0", bias},
                            {"aux/kernel:0", random_tensor({2, 2}, 2)}}}});
  const ImportedWeights imported = import_weights(file, tiny(7));
  EXPECT_THAT(imported.matched, ElementsAre("c.weight", "c.bias"));
  EXPECT_EQ(imported.parameters.at("c.bias").values, bias.values);
  EXPECT_THAT(imported.left_out, ElementsAre("vgg/aux/kernel:0: the network has no such layer"));
}

TEST_F(WeightsTest, OnlyTheEndOfANetworkMayBeMissing) {
  TensorMap torch = torch_tensors();
  torch.erase("classifier.0.bias");
  const fs::path file = torch_file(torch);
  EXPECT_THAT([&] { import_weights(file, tiny(7)); },
              ThrowsMessage<ModelError>(
                  AllOf(HasSubstr(file.string()),
                        HasSubstr("has nothing for 'd.bias', but for 'out.weight' behind it"))));
  torch.erase("classifier.0.weight");
  torch.erase("classifier.3.weight");
  torch.erase("classifier.3.bias");
  torch["extra.weight"] = random_tensor({2}, 1);
  const ImportedWeights imported = import_weights(torch_file(torch), tiny(7));
  EXPECT_THAT(imported.matched, UnorderedElementsAre("c.weight", "c.bias"));
  EXPECT_THAT(imported.fresh, ElementsAre("d.weight", "d.bias", "out.weight", "out.bias"));
  EXPECT_THAT(imported.left_out, ElementsAre("extra.weight: the network has no such layer"));
}

TEST_F(WeightsTest, RefusesTwoTensorsForOnePlace) {
  TensorMap torch = torch_tensors();
  torch["c.weight"] = torch["features.0.weight"];
  const fs::path file = torch_file(torch);
  EXPECT_THAT([&] { import_weights(file, tiny(7)); },
              ThrowsMessage<ModelError>(
                  HasSubstr("'c.weight' and 'features.0.weight' are both 'c.weight'")));
}

// norm(x + b) with mean m is norm(x) with mean m - b.
TEST_F(WeightsTest, ABiasBeforeABatchNormMovesItsMean) {
  const NetworkSpec spec{.input = {2, 4, 4},
                         .layers = {{.type = LayerType::conv, .name = "c", .out = 2, .bias = false},
                                    {.type = LayerType::batchnorm, .name = "n"}}};
  const auto file_with_bias = [&](const Tensor& bias) {
    return torch_file({{"features.0.weight", random_tensor({2, 2, 1, 1}, 1)},
                       {"features.0.bias", bias},
                       {"features.1.weight", random_tensor({2}, 2)},
                       {"features.1.bias", random_tensor({2}, 3)},
                       {"features.1.running_mean", {{2}, {5, 7}}},
                       {"features.1.running_var", {{2}, {1, 1}}},
                       {"features.1.num_batches_tracked", {{}, {9}}}});
  };
  const ImportedWeights imported = import_weights(file_with_bias({{2}, {1, -2}}), spec);
  EXPECT_THAT(imported.parameters.at("n.running_mean").values, ElementsAre(4, 9));
  EXPECT_THAT(imported.left_out, SizeIs(0));
  EXPECT_THAT(
      [&] {
        import_weights(file_with_bias({{3}, {1, 2, 3}}), spec);
      },
      ThrowsMessage<ModelError>(HasSubstr("'features.0.bias' is 3, expected 2")));
}

TEST(Resnet, HasTorchvisionsNamesAndNumberOfParameters) {
  const NetworkSpec spec = resnet50({});
  EXPECT_EQ(parameter_count(spec), 25557032);  // torchvision's resnet50
  EXPECT_EQ(resolve(spec).back().output, Shape{1000});
  EXPECT_EQ(
      resolve(resnet50({.classes = 6, .stride_in_first = true, .batch_norm = false})).back().output,
      Shape{6});
  EXPECT_THROW(resnet50({.classes = 1}), ModelError);
}

}  // namespace
}  // namespace steelsight::weights_test
