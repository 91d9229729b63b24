#include "pipeline/quantize/quantize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/synth.hpp"
#include "models/error.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/features/preparation.hpp"
#include "pipeline/quantize/activation_ranges.hpp"
#include "pipeline/train/learner.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::quantize_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(MagnitudeCounts, QuantilesAreThoseOfTheSortedNumbers) {
  Random random(5);
  std::vector<float> numbers(10000);
  for (float& number : numbers) number = std::exp(3 * random.normal());
  MagnitudeCounts counts;
  counts.add(std::span(numbers).first(4000));
  counts.add(std::span(numbers).subspan(4000));
  std::ranges::sort(numbers);
  for (const double share : {0.01, 0.5, 0.99, 0.9999}) {
    const float exact = numbers[static_cast<std::size_t>(std::ceil(share * 10000)) - 1];
    EXPECT_GE(counts.quantile(share), exact) << share;
    EXPECT_LE(counts.quantile(share), exact * 1.01f) << share;
  }
  EXPECT_EQ(counts.quantile(1), numbers.back());
  EXPECT_EQ(counts.largest(), numbers.back());
  EXPECT_FALSE(counts.is_signed());
}

TEST(MagnitudeCounts, RangesCoverTheirShare) {
  MagnitudeCounts counts;
  EXPECT_EQ(range_of(counts, 1).step, 1);
  counts.add(std::vector<float>{0, 2.55f, 1});
  EXPECT_EQ(range_of(counts, 1), (IntegerRange{.step = 2.55f / 255, .is_signed = false}));
  counts.add(std::vector<float>{-5.08f});
  EXPECT_EQ(range_of(counts, 1), (IntegerRange{.step = 5.08f / 127, .is_signed = true}));
  EXPECT_LT(range_of(counts, 0.75).step, 2.58f / 127);
}

// A small VGG with batch norm on synthetic images.
class Quantize : public testing::Test {
 protected:
  void SetUp() override {
    synthesize({.folder = images_, .per_class = 4, .seed = 1, .size = 32});
    model_.spec = vgg16_slim({.classes = 6, .width = 1.0 / 8, .input = {1, 32, 32}});
    model_.parameters = initial_parameters(model_.spec, 3);
    model_.class_names = open_dataset(images_).class_names;
    model_.preprocessing = to_json(from_scratch(32));
    config_ = {.model = (folder_ / "m.safetensors").string(),
               .calibrate = images_.string(),
               .output = (folder_ / "m8.safetensors").string(),
               .images = 12};
  }
  QuantizeResult run() {
    save_model(config_.model, model_);
    Console quiet(true);
    return quantize(backend_, config_, quiet);
  }

  const TemporaryFolder folder_;
  const fs::path images_ = folder_ / "images";
  Backend backend_{1};
  Model model_;
  QuantizeConfig config_;
};

TEST_F(Quantize, CountsTheValuesOfEachLayer) {
  std::vector<fs::path> paths;
  for (const Sample& sample : open_dataset(images_).samples) paths.push_back(sample.path);
  const std::string layer = find_layer(model_.spec, "block2_pool");
  const std::set<std::string> values{"input", layer, "global_pool"};
  const std::unique_ptr<ExampleSource> source =
      open_examples(paths, preparation_of(model_), {.batch_size = 5});
  const auto counts = count_magnitudes(backend_, model_.spec, model_.parameters, values, *source);
  ASSERT_EQ(counts.size(), 3u);

  const NetworkSpec trunk = trunk_of(model_.spec, layer);
  InferenceNetwork network(backend_, trunk, parameters_of(trunk, model_.parameters), {});
  float largest = 0, largest_input = 0;
  source->start(
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
      Random(0));
  while (const std::optional<Batch> batch = source->next()) {
    std::vector<float> output(batch->items.size() *
                              static_cast<std::size_t>(element_count(network.output_shape())));
    network.run(batch->planes, static_cast<std::int64_t>(batch->items.size()), output);
    for (const float value : output) largest = std::max(largest, std::abs(value));
    for (const float value : batch->planes)
      largest_input = std::max(largest_input, std::abs(value));
  }
  EXPECT_NEAR(counts.at(layer).largest(), largest, 1e-4f * largest);
  EXPECT_EQ(counts.at("input").largest(), largest_input);
  EXPECT_TRUE(counts.at("input").is_signed());
  EXPECT_FALSE(counts.at(layer).is_signed());  // behind a ReLU
}

// VGG16's first layers give 3.2 million.
TEST_F(Quantize, CountsMoreThanAMillionValuesOfALayer) {
  model_.spec = {
      .input = {1, 256, 256},
      .layers = {{.type = LayerType::conv, .name = "conv", .out = 20, .kernel = 1, .bias = false},
                 {.type = LayerType::conv, .name = "last", .out = 1, .kernel = 1, .bias = false}}};
  TensorMap parameters = initial_parameters(model_.spec, 1);
  std::ranges::fill(parameters.at("conv.weight").values.own(), 0.5f);
  model_.preprocessing = to_json(from_scratch(256));
  const std::vector<fs::path> paths{open_dataset(images_).samples[0].path};
  const std::unique_ptr<ExampleSource> source =
      open_examples(paths, preparation_of(model_), {.batch_size = 1});
  const auto counts =
      count_magnitudes(backend_, model_.spec, parameters, {"input", "conv"}, *source);
  EXPECT_EQ(counts.at("conv").largest(), counts.at("input").largest() / 2);
}

TEST_F(Quantize, WritesAModelThatRunsInIntegers) {
  const QuantizeResult result = run();
  EXPECT_EQ(result.images, 24u);
  EXPECT_EQ(result.in_integers.n, 24u);
  EXPECT_GE(result.agreeing, 22u);
  EXPECT_EQ(result.integer_layers.size() + result.float_layers.size(), 13u);
  const Model quantised = load_model(config_.output);
  EXPECT_EQ(quantised.quantization.layers.size(), result.integer_layers.size());
  EXPECT_EQ(quantised.quantization.figures.at("n_agreeing"), result.agreeing);
  for (const LayerSpec& layer : quantised.spec.layers) EXPECT_NE(layer.type, LayerType::batchnorm);
  EXPECT_LT(fs::file_size(config_.output), fs::file_size(config_.model) / 2);
}

TEST_F(Quantize, LeavesOutWhatCanNotBeRead) {
  const std::vector<Sample> samples = open_dataset(images_).samples;
  for (const std::size_t broken : {0u, 7u, 23u}) write_file(samples[broken].path, "no image");
  config_.images = 1000;
  const QuantizeResult result = run();
  EXPECT_EQ(result.images, 21u);
  EXPECT_EQ(result.in_floats.n, 21u);
  EXPECT_EQ(load_model(config_.output).quantization.figures.at("calibrated_on"), 21u);

  fs::remove(config_.output);
  for (const Sample& sample : samples) write_file(sample.path, "no image");
  EXPECT_THAT([&] { run(); },
              ThrowsMessage<DatasetError>(HasSubstr("24 of 24 images can't be read; the first: ")));
  EXPECT_FALSE(fs::exists(config_.output));
}

TEST_F(Quantize, NeedsNoLabels) {
  std::string list = "path\n";
  for (const Sample& sample : open_dataset(images_).samples) list += sample.path.string() + "\n";
  config_.calibrate = (folder_ / "list.csv").string();
  write_file(config_.calibrate, list);
  const QuantizeResult result = run();
  EXPECT_EQ(result.in_floats.n, 0u);
  EXPECT_GE(result.agreeing, result.images - 2);
}

TEST_F(Quantize, LayersMayBeCalledAsThoseItAdds) {
  model_.spec = {.input = {1, 32, 32},
                 .layers = {{.type = LayerType::conv, .name = "observed", .out = 4, .kernel = 3},
                            {.type = LayerType::conv, .name = "last", .out = 6, .kernel = 3},
                            {.type = LayerType::global_avgpool, .name = "observed/observed"}}};
  model_.parameters = initial_parameters(model_.spec, 3);
  EXPECT_EQ(run().integer_layers.size() + run().float_layers.size(), 2u);
}

TEST_F(Quantize, ALayerThatLosesTooMuchStaysInFloats) {
  const QuantizeResult all = run();
  const auto errors = load_model(config_.output).quantization.figures.at("layer_errors");
  std::vector<double> sorted;
  for (const auto& [layer, error] : errors.items()) sorted.push_back(error.get<double>());
  std::ranges::sort(sorted);
  ASSERT_EQ(all.float_layers.size(), 0u);
  config_.max_layer_error = (sorted[11] + sorted[12]) / 2;
  const QuantizeResult some = run();
  ASSERT_EQ(some.float_layers.size(), 1u);
  EXPECT_EQ(errors.at(some.float_layers[0]), sorted[12]);
  EXPECT_FALSE(load_model(config_.output).quantization.layers.contains(some.float_layers[0]));
  config_.max_layer_error = sorted[0] / 2;
  EXPECT_THAT([&] { run(); }, ThrowsMessage<ModelError>(HasSubstr("--max-layer-error")));
}

TEST_F(Quantize, RefusesWhatCanNotBeQuantised) {
  run();
  QuantizeConfig twice = config_;
  twice.model = config_.output;
  Console quiet(true);
  EXPECT_THAT([&] { quantize(backend_, twice, quiet); },
              ThrowsMessage<ConfigError>(HasSubstr("is the model itself")));
  twice.output += "8";
  EXPECT_THAT([&] { quantize(backend_, twice, quiet); },
              ThrowsMessage<ModelError>(HasSubstr("quantised already")));
  model_.spec = {.input = {1, 32, 32},
                 .layers = {{.type = LayerType::flatten, .name = "flatten"},
                            {.type = LayerType::dense, .name = "logits", .out = 6}}};
  model_.parameters = initial_parameters(model_.spec, 3);
  EXPECT_THAT([&] { run(); }, ThrowsMessage<ModelError>(HasSubstr("no convolution")));
}

}  // namespace
}  // namespace steelsight::quantize_test
