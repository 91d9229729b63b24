// Long functions leave when another thread asks for it.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "core/interrupt.hpp"
#include "datasets/synth.hpp"
#include "models/zoo.hpp"
#include "pipeline/check/check.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/extract/extract.hpp"
#include "pipeline/predict/classify.hpp"
#include "pipeline/search/search.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/train.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::stop_test {
namespace {

// Each does what takes seconds or hours, and is stopped when a file or folder of its work is there.
class Stop : public testing::Test {
 protected:
  void SetUp() override { synthesize({.folder = images_, .per_class = 8, .seed = 1, .size = 32}); }

  std::string model() const {
    Model model;
    model.spec = vgg16_slim({.classes = 6, .width = 1, .input = {1, 200, 200}});
    model.parameters = initial_parameters(model.spec, 3);
    model.class_names = {"Cr", "In", "PS", "Pa", "RS", "Sc"};
    model.preprocessing = to_json(from_scratch(200));
    save_model(folder_ / "model.safetensors", model);
    return (folder_ / "model.safetensors").string();
  }

  static void stop_when_there(const fs::path& begun, const std::function<void(Console&)>& work) {
    std::stop_source stop;
    Console console(/*quiet=*/true, stop.get_token());
    const std::jthread other([&](const std::stop_token& is_over) {
      while (!is_over.stop_requested() && !fs::exists(begun))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      stop.request_stop();
    });
    work(console);
  }

  const TemporaryFolder folder_;
  const fs::path images_ = folder_ / "images", output_ = folder_ / "output";
  Backend backend_{1};
};

TEST_F(Stop, ATrainingRunLeavesItsCheckpoint) {
  const TrainConfig config = train_fields().read({{"dataset", images_.string()},
                                                  {"output", (output_ / "a.safetensors").string()},
                                                  {"arch", "vgg16-slim"},
                                                  {"epochs", 100000},
                                                  {"input_size", 32},
                                                  {"width", 0.125}},
                                                 "/train");
  const fs::path checkpoint = output_ / "a.checkpoint.safetensors";
  stop_when_there(checkpoint,
                  [&](Console& console) { EXPECT_TRUE(train(backend_, config, console).stopped); });
  EXPECT_TRUE(fs::exists(checkpoint));
  EXPECT_FALSE(fs::exists(config.output));
}

TEST_F(Stop, ASearchHasNoRow) {
  const SearchConfig config = search_config_from_json(
      {{"dataset", images_.string()},
       {"output", output_.string()},
       {"grid", Json::parse(R"({"grid": {"/schedule/learning_rate": [1e-3, 4e-3]}})")},
       {"folds", 2},
       {"parallel", 2},
       {"train",
        {{"arch", "vgg16-slim"}, {"epochs", 100000}, {"input_size", 32}, {"width", 0.125}}}});
  stop_when_there(output_ / "trials", [&](Console& console) {
    const SearchResult result = search(config, console);
    EXPECT_TRUE(result.stopped);
    EXPECT_TRUE(result.runs.empty());
  });
}

TEST_F(Stop, AnExtractionWritesNothing) {
  ExtractConfig config;
  config.dataset = images_.string();
  config.output = (output_ / "features").string();
  config.model = model();
  config.cache = (folder_ / "cache").string();
  stop_when_there(config.cache, [&](Console& console) {
    EXPECT_THROW(extract(backend_, config, console), Interrupted);
  });
  EXPECT_FALSE(fs::exists(output_ / "features.npy"));
}

TEST_F(Stop, AClassificationWritesNothing) {
  const ClassifyConfig config{.inputs = {images_.string()},
                              .run = {.output = output_.string(), .model = model()}};
  stop_when_there(output_, [&](Console& console) {
    EXPECT_THROW(classify(backend_, config, console), Interrupted);
  });
  EXPECT_FALSE(fs::exists(output_ / "predictions.csv"));
}

TEST_F(Stop, ACheckWritesNothing) {
  const CheckConfig config{.dataset = images_.string(), .output = output_.string()};
  std::stop_source stop;
  stop.request_stop();
  Console console(/*quiet=*/true, stop.get_token());
  EXPECT_THROW(check(config, console), Interrupted);
  EXPECT_FALSE(fs::exists(output_ / "check.json"));
}

}  // namespace
}  // namespace steelsight::stop_test
