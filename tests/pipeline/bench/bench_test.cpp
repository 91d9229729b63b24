#include "pipeline/bench/bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "models/error.hpp"

namespace steelsight::bench_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class BenchCommand : public testing::Test {
 protected:
  BenchCommand() {
    write_file(folder_ / "spec.json", R"({"input": [3, 12, 12], "layers": [
        {"type": "conv", "name": "a", "out": 8, "kernel": 3, "pad": 1},
        {"type": "relu", "name": "a_relu"},
        {"type": "maxpool", "name": "pool", "kernel": 2, "stride": 2},
        {"type": "global_avgpool", "name": "mean"},
        {"type": "dense", "name": "head", "out": 3}]})");
  }
  ~BenchCommand() override { fs::remove_all(folder_); }

  BenchConfig config() const {
    return {.arch = (folder_ / "spec.json").string(), .batch_sizes = {1, 3}, .seconds = 0};
  }
  static BenchResult run(const BenchConfig& config) {
    Backend backend(1);
    Console console(/*quiet=*/true);
    return bench(backend, config, console);
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
};

TEST_F(BenchCommand, MeasuresEachLayerAtEachBatchSize) {
  const BenchResult result = run(config());
  EXPECT_GT(result.peaks.floats, 0);
  EXPECT_THAT(result.network, HasSubstr("3x12x12"));
  ASSERT_EQ(result.batches.size(), 2u);
  EXPECT_EQ(result.batches[1].batch_size, 3);
  for (const BatchSpeed& batch : result.batches) {
    EXPECT_GT(batch.milliseconds, 0);
    EXPECT_GT(batch.activation_bytes, 0u);
    EXPECT_FALSE(batch.training_milliseconds);
    ASSERT_EQ(batch.layers.size(), 5u);
    const LayerSpeed& conv = batch.layers[0];
    EXPECT_EQ(conv.layer, "a");
    EXPECT_EQ(conv.type, "conv");
    // Two operations for each of 8 x 12 x 12 outputs, 3 channels, 3 x 3.
    EXPECT_NEAR(*conv.gflops, 2 * 8 * 144 * 3 * 9 / conv.milliseconds * 1e-6, 1e-9);
    EXPECT_EQ(batch.layers[1].layer, "pool");
    EXPECT_FALSE(batch.layers[1].gflops);
    EXPECT_EQ(batch.layers[3].layer, "head");
    EXPECT_TRUE(batch.layers[3].gflops);
    EXPECT_EQ(batch.layers[4].layer, "output");
  }
}

TEST_F(BenchCommand, StopsAtALayer) {
  BenchConfig until_pool = config();
  until_pool.layer = "pool";
  const BenchResult result = run(until_pool);
  EXPECT_EQ(result.batches[0].layers.size(), 3u);  // a, pool, output
  until_pool.layer = "nowhere";
  EXPECT_THROW(run(until_pool), ModelError);
}

TEST_F(BenchCommand, TimesATrainingStepIfAsked) {
  BenchConfig with_training = config();
  with_training.training = true;
  EXPECT_GT(run(with_training).batches[0].training_milliseconds.value(), 0);
}

TEST_F(BenchCommand, RunsInIntegersIfAsked) {
  BenchConfig in_integers = config();
  const std::string in_floats = run(in_integers).batches[0].layers[0].kernel;
  in_integers.int8 = true;
  const BenchResult result = run(in_integers);
  EXPECT_THAT(result.network, HasSubstr("in int8"));
  EXPECT_EQ(result.batches[0].layers[0].layer, "a");
  // The dense layer multiplies floats. The convolution's input has both signs, for which integers
  // need VNNI.
  const LayerSpeed &conv = result.batches[0].layers[0], &dense = result.batches[0].layers[3];
  const bool has_vnni = Backend::largest_integer_weight() == kLargestWeight;
  EXPECT_EQ(conv.kernel == in_floats, !has_vnni);
  const double peak = has_vnni ? result.peaks.integers.value() : result.peaks.floats;
  EXPECT_DOUBLE_EQ(conv.share_of_peak.value(), *conv.gflops / peak);
  EXPECT_DOUBLE_EQ(dense.share_of_peak.value(), *dense.gflops / result.peaks.floats);
  EXPECT_EQ(to_json(result).at("integer_peak_gops"), *result.peaks.integers);
}

TEST_F(BenchCommand, WritesWhatItGives) {
  BenchConfig written = config();
  written.output = (folder_ / "bench.json").string();
  const BenchResult result = run(written);
  const Json json = parse_json(read_file(written.output), "bench.json");
  EXPECT_EQ(json, to_json(result));
  EXPECT_EQ(json["batches"][1]["batch_size"], 3);
  EXPECT_DOUBLE_EQ(json["batches"][0]["images_per_second"], 1e3 / result.batches[0].milliseconds);
  EXPECT_DOUBLE_EQ(json["batches"][0]["layers"][0]["share_of_peak"],
                   *result.batches[0].layers[0].gflops / result.peaks.floats);
}

TEST_F(BenchCommand, ConfigurationIsStrictAndLossless) {
  const Json json = bench_fields().write(config());
  EXPECT_EQ(bench_fields().write(bench_fields().read(json, "/bench")), json);
  const auto expect_error = [&](const char* key, const Json& value, const char* message) {
    Json wrong = json;
    wrong[key] = value;
    EXPECT_THAT([&] { bench_fields().read(wrong, "/bench"); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
  };
  expect_error("batches", 3, "/bench/batches is not known");
  expect_error("model", "m.safetensors", "both model and arch");
  Json both = json;
  both["int8"] = both["training"] = true;
  EXPECT_THROW(bench_fields().read(both, "/bench"), ConfigError);
  EXPECT_THROW(bench_fields().read({{"int8", true}}, "/bench"), ConfigError);
  expect_error("input_size", 5000, "/bench/input_size is 5000, expected 0 to 4096");
  expect_error("batch_sizes", {1, 0},
               "/bench/batch_sizes has an entry that is 0, expected 1 to 4096");
  expect_error("batch_sizes", Json::array(), "/bench/batch_sizes is empty");
  expect_error("seconds", -1, "/bench/seconds is -1, expected 0 to 3600");
}

}  // namespace
}  // namespace steelsight::bench_test
