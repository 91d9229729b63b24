// Weights of other programs, in files made here in their names and layouts.
#include "models/weights.hpp"

#include <H5Cpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "models/error.hpp"
#include "models/keras_file.hpp"
#include "models/safetensors.hpp"

namespace steelsight {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

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

  fs::path torch_file(TensorMap tensors) const {
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

void write_names(const H5::H5Object& object, const char* attribute,
                 const std::vector<std::string>& names) {
  const H5::StrType type(H5::PredType::C_S1, 16);
  const hsize_t count = names.size();
  std::string buffer;
  for (std::string name : names) {
    name.resize(16, '\0');
    buffer += name;
  }
  object.createAttribute(attribute, type, H5::DataSpace(1, &count)).write(type, buffer.data());
}

void write_layer(const H5::Group& root, const std::string& name,
                 const std::vector<std::pair<std::string, Tensor>>& weights) {
  const H5::Group group = root.createGroup(name);
  std::vector<std::string> names;
  for (const auto& [weight, tensor] : weights) {
    names.push_back(weight);
    const std::vector<hsize_t> sizes(tensor.shape.begin(), tensor.shape.end());
    const H5::DataSpace space(static_cast<int>(sizes.size()), sizes.data());
    group.createDataSet(weight, H5::PredType::IEEE_F32LE, space)
        .write(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
  }
  write_names(group, "weight_names", names);
}

// Element by element: (row, column, in, out) and, behind the flatten, inputs by row, column,
// channel.
TEST_F(WeightsTest, KerasLayoutsBecomeOurs) {
  const fs::path file = folder_ / "keras.h5";
  const Tensor conv = random_tensor({3, 3, 2, 4}, 1), dense = random_tensor({24, 5}, 2);
  {
    const H5::H5File content(file.string(), H5F_ACC_TRUNC);
    const H5::Group root = content.openGroup("/");
    write_names(root, "layer_names", {"c", "p", "d"});
    write_layer(root, "c", {{"c_W_1:0", conv}, {"c_b_1:0", random_tensor({4}, 3)}});
    write_layer(root, "p", {});
    write_layer(root, "d", {{"kernel:0", dense}, {"bias:0", random_tensor({5}, 4)}});
  }
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

  const std::string bytes = read_file(file);
  write_file(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT([&] { read_keras_file(file); }, ThrowsMessage<ModelError>(HasSubstr("keras.h5")));
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
}  // namespace steelsight
