// What plain `train` does: transfer from a model, decided by what the images allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/synth.hpp"
#include "evaluation/calibration.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/predict/validation.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/plan.hpp"
#include "pipeline/train/train.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::transfer_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Transfer : public testing::Test {
 protected:
  void SetUp() override {
    Model model;
    model.spec = vgg16_slim({.classes = 2, .width = 1.0 / 16, .input = {1, 32, 32}});
    model.parameters = initial_parameters(model.spec, 3);
    model.class_names = {"crack", "scale"};
    model.preprocessing = to_json(from_scratch(32));
    save_model(folder_ / "from.safetensors", model);
    config_.from = (folder_ / "from.safetensors").string();
    config_.dataset = (folder_ / "images").string();
    config_.output = (folder_ / "m.safetensors").string();
    config_.cache = (folder_ / "cache").string();
    config_.epochs = 2;
  }
  void draw_images(std::size_t per_class) {
    synthesize({.folder = folder_ / "images", .per_class = per_class, .seed = 1, .size = 32});
  }
  TrainPlan plan() { return make_plan(backend_, config_, quiet_); }

  const TemporaryFolder folder_;
  Backend backend_{1};
  Console quiet_{true};
  TrainConfig config_;
};

TEST_F(Transfer, FewImagesAllLearnAndTheHeadIsFoundByLeastSquares) {
  draw_images(10);
  const TrainPlan plan = this->plan();
  ASSERT_EQ(plan.phases.size(), 1u);
  EXPECT_EQ(plan.phases[0].head, HeadMethod::least_squares);
  EXPECT_EQ(plan.phases[0].freeze, kFeaturesLayer);
  EXPECT_THAT(plan.config.layers, ElementsAre("block3_pool", "block4_pool", "global_pool"));
  EXPECT_EQ(plan.split.train.size(), 48u);
  EXPECT_EQ(plan.split.validation.size(), 0u);
  EXPECT_EQ(plan.config.balance, "weights");
}

TEST_F(Transfer, ManyImagesHaveAPhaseThatMayHelp) {
  draw_images(90);
  const TrainPlan plan = this->plan();
  EXPECT_GE(plan.split.validation.size(), kFewestToChooseBy);
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(plan.phases[1].head, HeadMethod::gradient);
  EXPECT_EQ(plan.phases[1].freeze, "block3_pool");
  EXPECT_GT(plan.phases[1].least_errors, 0);
  EXPECT_TRUE(plan.phases[1].learner.frozen_layers.contains("block4_conv1_bn"));
}

TEST_F(Transfer, APhaseThatValidationCanNotJudgeIsLeftOut) {
  draw_images(20);
  config_.phases = {{.freeze = "features"}, {.freeze = "block3_pool", .least_errors = 1e6}};
  config_.head = HeadMethod::least_squares;
  EXPECT_EQ(train(backend_, config_, quiet_).epochs, 1);
  config_.phases[1].least_errors = 0;
  EXPECT_EQ(train(backend_, config_, quiet_).epochs, 3);
}

// The images that learn also say how sure the model may be, each without itself.
TEST_F(Transfer, IsCalibratedByImagesThatAreLeftOut) {
  draw_images(10);
  const TrainResult result = train(backend_, config_, quiet_);
  EXPECT_EQ(result.validation.n, 48u);
  const Model model = load_model(config_.output);
  const std::optional<Calibration> calibration = calibration_from_json(model.calibration);
  ASSERT_TRUE(calibration);
  EXPECT_EQ(calibration->judged.size(), 48u);
  EXPECT_EQ(std::ranges::count_if(calibration->judged, &Judged::correct),
            static_cast<std::ptrdiff_t>(result.validation.correct));
  // What the model says of them once it has learned from them is something else.
  EXPECT_GT(validate(backend_, model, plan().train).accuracy.correct, result.validation.correct);
  EXPECT_EQ(calibration->distances.size(), model.memory.size());
  EXPECT_GT(calibration->distances.front(), 0);
}

TEST_F(Transfer, ValidationImagesThatTheDataSetNamesStayThere) {
  draw_images(10);
  fs::create_directory(folder_ / "parts");
  fs::rename(folder_ / "images", folder_ / "parts/train");
  synthesize({.folder = folder_ / "parts/valid", .per_class = 4, .seed = 2, .size = 32});
  config_.dataset = (folder_ / "parts").string();
  EXPECT_EQ(plan().split.validation.size(), 24u);
}

TEST_F(Transfer, AHeadByGradientIsStillToBeHad) {
  draw_images(10);
  config_.head = HeadMethod::gradient;
  const TrainPlan plan = this->plan();
  ASSERT_EQ(plan.phases.size(), 2u);
  EXPECT_EQ(plan.phases[0].head, HeadMethod::gradient);
  EXPECT_EQ(plan.split.validation.size(), 6u);
  EXPECT_EQ(plan.config.balance, "none");
}

TEST_F(Transfer, LeastSquaresNeedsAFrozenLayer) {
  draw_images(4);
  config_.from.clear();
  config_.arch = "vgg16-slim";
  config_.head = HeadMethod::least_squares;
  EXPECT_THAT([&] { plan(); },
              testing::ThrowsMessage<ConfigError>(HasSubstr("expected gradient where the first")));
}

}  // namespace
}  // namespace steelsight::transfer_test
