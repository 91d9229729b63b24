#include "models/model_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "models/checksum.hpp"
#include "models/error.hpp"
#include "models/safetensors.hpp"
#include "models/weights.hpp"
#include "models/zoo.hpp"

namespace steelsight::model_file_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Model small_model() {
  Model model;
  model.spec = vgg16_slim({.classes = 2, .width = 1.0 / 64, .input = {1, 32, 32}});
  Random random(1);
  for (const ParameterSpec& p : parameter_specs(model.spec)) {
    Tensor& tensor = model.parameters[p.name];
    tensor.shape = p.shape;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(random.normal());
  }
  model.class_names = {"rolled-in scale", "划痕"};
  model.preprocessing = Json{{"width", 32}};
  model.training = Json{{"seed", 7}};
  model.trained_images = {1, 0xffffffffffffffffu};
  model.validated_images = {2};
  model.calibration = Json{{"temperature", 1.25}};
  model.memory = {.layers = memory_layers(model.spec)};
  const NetworkSpec outputs = with_features(model.spec, model.memory.layers);
  model.memory.dimension = resolve(outputs).back().output[0] - 2;
  for (int label = 0; label < 2; ++label) {
    std::vector<float> feature(static_cast<std::size_t>(model.memory.dimension));
    for (float& value : feature) value = random.normal();
    model.memory.add(feature, label);
  }
  return model;
}

class ModelFile : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path file_ = folder_ / "model.safetensors";
};

TEST_F(ModelFile, RoundTripKeepsEverything) {
  const Model model = small_model();
  save_model(file_, model);
  const Model loaded = load_model(file_);
  EXPECT_EQ(to_json(loaded.spec), to_json(model.spec));
  EXPECT_EQ(loaded.class_names, model.class_names);
  EXPECT_EQ(loaded.preprocessing, model.preprocessing);
  EXPECT_EQ(loaded.training, model.training);
  EXPECT_EQ(loaded.trained_images, model.trained_images);
  EXPECT_EQ(loaded.validated_images, model.validated_images);
  EXPECT_EQ(loaded.calibration, model.calibration);
  EXPECT_EQ(loaded.memory.layers, model.memory.layers);
  EXPECT_EQ(loaded.memory.dimension, model.memory.dimension);
  EXPECT_EQ(loaded.memory.features, model.memory.features);
  EXPECT_EQ(loaded.memory.labels, model.memory.labels);
  ASSERT_EQ(loaded.parameters.size(), model.parameters.size());
  for (const auto& [name, tensor] : model.parameters) {
    EXPECT_EQ(loaded.parameters.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(loaded.parameters.at(name).values, tensor.values) << name;
  }
  save_model(folder_ / "again.safetensors", loaded);
  EXPECT_EQ(read_file(file_), read_file(folder_ / "again.safetensors"));
}

TEST_F(ModelFile, AnyTruncationIsAModelErrorWithTheFilesName) {
  save_model(file_, small_model());
  const std::string bytes = read_file(file_);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 300) {
    write_file(file_, std::string_view(bytes).substr(0, size));
    EXPECT_THAT([&] { load_model(file_); }, ThrowsMessage<ModelError>(HasSubstr(file_.string())))
        << size << " bytes";
  }
}

TEST_F(ModelFile, AFlippedBitIsAModelError) {
  save_model(file_, small_model());
  const std::string bytes = read_file(file_);
  EXPECT_NO_THROW(load_model(file_));
  EXPECT_TRUE(has_checksum(file_));
  Random random(2);
  for (int trial = 0; trial < 400; ++trial) {
    std::string damaged = bytes;
    // Half of them in the header.
    const std::size_t at = random.below(trial % 2 == 0 ? 12000 : bytes.size());
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
    write_file(file_, damaged);
    EXPECT_THROW(load_model(file_), ModelError) << at;
  }
}

// As they were before there were checksums.
TEST_F(ModelFile, LoadsAFileWithoutChecksum) {
  const Model model = small_model();
  save_model(file_, model);
  std::string bytes = read_file(file_);
  for (std::size_t at; (at = bytes.find("steelsight.checksum")) != std::string::npos;)
    bytes.replace(at, 3, "any");
  write_file(file_, bytes);
  const Model loaded = load_model(file_);
  EXPECT_FALSE(has_checksum(file_));
  EXPECT_EQ(loaded.class_names, model.class_names);
}

// It has a checksum, and nothing was lost when it got that.
TEST_F(ModelFile, TheNetworkThatComesAlongIsWrittenAsItWasRead) {
  const fs::path shipped =
      fs::path(STEELSIGHT_SOURCE_DIR) / "models/pretrained/steelsight-slim.safetensors";
  EXPECT_TRUE(has_checksum(shipped));
  save_model(file_, load_model(shipped));
  EXPECT_TRUE(read_file(file_) == read_file(shipped));
}

TEST_F(ModelFile, RefusesWhatIsNotAModel) {
  EXPECT_THROW(load_model(folder_ / "missing.safetensors"), ModelError);
  write_file(file_, "not a model");
  EXPECT_THROW(load_model(file_), ModelError);
  write_safetensors(file_, {{"w", {{1}, {0}}}});
  EXPECT_THAT([&] { load_model(file_); },
              ThrowsMessage<ModelError>(HasSubstr("no steelsight metadata")));
  write_safetensors(file_, {}, {{"steelsight.checkpoint", "{}"}});
  EXPECT_THAT([&] { load_model(file_); }, ThrowsMessage<ModelError>(HasSubstr("--resume")));
}

// Its second convolution in integers.
Model quantised_model() {
  Model model = small_model();
  const std::string layer = quantizable_layers(model.spec)[1];
  model.quantization = {.layers = {layer},
                        .values = {{value_read(model.spec, layer), {.step = 0.1f}}},
                        .figures = {{"n_images", 3}}};
  return model;
}

TEST_F(ModelFile, QuantisedWeightsAreMultiplesOfTheirSteps) {
  const Model model = quantised_model();
  save_model(file_, model);
  const Model loaded = load_model(file_);
  EXPECT_EQ(loaded.quantization.layers, model.quantization.layers);
  EXPECT_EQ(loaded.quantization.values, model.quantization.values);
  EXPECT_EQ(loaded.quantization.figures, model.quantization.figures);
  const std::string name = *model.quantization.layers.begin() + ".weight";
  const IntegerWeights integers = to_integers(model.parameters.at(name));
  std::vector<float> multiples(integers.values.begin(), integers.values.end());
  const std::size_t fan_in = multiples.size() / integers.steps.size();
  for (std::size_t i = 0; i < multiples.size(); ++i) multiples[i] *= integers.steps[i / fan_in];
  EXPECT_EQ(loaded.parameters.at(name).values, multiples);
  EXPECT_EQ(to_integers(loaded.parameters.at(name)).values, integers.values);

  const std::string bytes = read_file(file_);
  EXPECT_THAT(bytes, HasSubstr("\"dtype\":\"I8\""));
  save_model(file_, loaded);
  EXPECT_EQ(read_file(file_), bytes);
}

TEST_F(ModelFile, QuantisedWeightsAreImportedWithTheirSteps) {
  const Model model = quantised_model();
  save_model(file_, model);
  const std::string name = *model.quantization.layers.begin() + ".weight";
  EXPECT_EQ(import_weights(file_, model.spec).parameters.at(name).values,
            load_model(file_).parameters.at(name).values);
}

TEST_F(ModelFile, RefusesAQuantisationThatDoesNotFit) {
  const Model good = quantised_model();
  const std::string layer = *good.quantization.layers.begin();
  std::vector<Quantization> wrong(4, good.quantization);
  wrong[0].layers = {"not there"};
  wrong[1].layers = {good.spec.layers.back().name};  // dense
  wrong[2].values.clear();
  wrong[3].values.begin()->second.step = 0;
  for (const Quantization& quantization : wrong) {
    Model model = good;
    model.quantization = quantization;
    EXPECT_THROW(save_model(file_, model), ModelError);
  }
  save_model(file_, good);
  SafetensorsFile content = read_safetensors(file_);
  content.tensors.at(layer + ".weight_steps") = {{2}, {1, 1}};
  write_safetensors(file_, content.tensors, content.metadata);
  EXPECT_THAT([&] { load_model(file_); }, ThrowsMessage<ModelError>(HasSubstr("weight_steps")));
  content.tensors.erase(layer + ".weight_steps");
  write_safetensors(file_, content.tensors, content.metadata);
  EXPECT_THAT([&] { load_model(file_); }, ThrowsMessage<ModelError>(HasSubstr("is missing")));
}

// Replaces a part of the metadata of a good file.
void forge(const fs::path& file, const std::string& key, const Json& value) {
  SafetensorsFile content = read_safetensors(file);
  Json json = Json::parse(content.metadata.at("steelsight"));
  json[Json::json_pointer(key)] = value;
  write_safetensors(file, content.tensors, {{"steelsight", json.dump()}});
}

TEST_F(ModelFile, RefusesForgedMetadata) {
  const std::vector<std::pair<std::string, Json>> forgeries{
      {"/format_version", 1},
      {"/calibration", 1},
      {"/classes", Json::array({"a"})},
      {"/classes", Json::array({"a", "a"})},
      {"/classes", Json::array({"a", ""})},
      {"/classes", 3},
      {"/classes", Json::array({"a", std::string("b\0", 2)})},
      {"/classes", nullptr},
      {"/training", 1},
      {"/training", Json{{"arch", 1}}},
      {"/training", Json{{"extended", 1}}},
      {"/unknown", 1},
      {"/spec/layers/0/out", 2},
      {"/spec/layers/0/kernel", -1},
      {"/spec/input", Json::array({1, 1000000, 1000000})},
      {"/spec/input", Json::array({1, 16000, 16000})},
      {"/trained_images", Json::array({"xyz"})},
  };
  for (const auto& [key, value] : forgeries) {
    save_model(file_, small_model());
    forge(file_, key, value);
    EXPECT_THROW(load_model(file_), ModelError) << key << " = " << value;
  }
}

TEST_F(ModelFile, SaysWhatToDoAboutAnOlderVersion) {
  save_model(file_, small_model());
  forge(file_, "/format_version", 1);
  EXPECT_THAT([&] { load_model(file_); },
              ThrowsMessage<ModelError>(AllOf(HasSubstr("format version 1, this program reads 2"),
                                              HasSubstr("train the model again"))));
}

TEST_F(ModelFile, RefusesAMemoryOfOtherClasses) {
  Model model = small_model();
  model.memory.labels[0] = 2;
  EXPECT_THROW(save_model(file_, model), ModelError);
  save_model(file_, small_model());
  SafetensorsFile content = read_safetensors(file_);
  content.tensors.at("memory.labels").values[0] = 2;
  write_safetensors(file_, content.tensors, content.metadata);
  EXPECT_THAT([&] { load_model(file_); }, ThrowsMessage<ModelError>(HasSubstr("label 2")));
}

TEST_F(ModelFile, DoesNotSaveAnInconsistentModel) {
  Model model = small_model();
  model.class_names.push_back("third");
  EXPECT_THROW(save_model(file_, model), ModelError);
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(ModelFile, ABackboneHasOutputsAndNoClasses) {
  Model model = small_model();
  model.class_names.clear();
  model.memory = {};
  save_model(file_, model);
  EXPECT_TRUE(load_model(file_).class_names.empty());
  EXPECT_THAT([&] { load_classifier(file_); },
              ThrowsMessage<ModelError>(HasSubstr("is a backbone, which knows no classes")));
  save_model(file_, small_model());
  EXPECT_EQ(load_classifier(file_).class_names.size(), 2u);
}

}  // namespace
}  // namespace steelsight::model_file_test
