#include "pipeline/train/starting_point.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/error.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/train/learner.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::starting_point_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

// A model of two classes, in a file.
class FromAModel : public testing::Test {
 protected:
  void SetUp() override {
    model_.spec = vgg16_slim({.classes = 2, .width = 1.0 / 16, .input = {1, 32, 32}});
    model_.parameters = initial_parameters(model_.spec, 3);
    model_.class_names = {"crack", "scale"};
    model_.preprocessing = to_json(from_scratch(32));
    save_model(folder_ / "m.safetensors", model_);
    config_.from = (folder_ / "m.safetensors").string();
    config_.seed = 7;
  }

  const TemporaryFolder folder_;
  Model model_;
  TrainConfig config_;
};

TEST_F(FromAModel, AClassThatItKnowsKeepsItsRow) {
  const StartingPoint start = make_starting_point(config_, {"pit", "scale", "smear"});
  const std::string weight = head_of(model_.spec) + ".weight";
  const Values& before = model_.parameters.at(weight).values;
  const Values& after = start.parameters.at(weight).values;
  const std::size_t width = before.size() / 2;
  ASSERT_EQ(after.size(), 3 * width);
  EXPECT_TRUE(std::equal(before.begin() + static_cast<std::ptrdiff_t>(width), before.end(),
                         after.begin() + static_cast<std::ptrdiff_t>(width)));
  EXPECT_THAT(start.notes, Contains(HasSubstr("new to the model: pit, smear")));
}

TEST_F(FromAModel, LayersGetANewHeadOnTheModelsTrunk) {
  config_.layers = {"block4", "block5"};  // the last layer of each
  const StartingPoint start = make_starting_point(config_, {"pit", "smear", "flake"});
  EXPECT_EQ(to_json(start.spec),
            to_json(classifier_on_features(model_.spec, {"block4_pool", "block5_pool"}, 3)));
  for (const auto& [name, tensor] :
       parameters_of(trunk_of(start.spec, kFeaturesLayer), start.parameters))
    EXPECT_EQ(tensor.values, model_.parameters.at(name).values) << name;
  EXPECT_EQ(start.parameters.at("predictions.weight").shape[0], 3);
}

TEST_F(FromAModel, ALayerThatIsNotThereIsNamed) {
  config_.layers = {"layer3"};
  try {
    make_starting_point(config_, {"pit", "smear"});
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no layer 'layer3'"));
  }
}

TEST_F(FromAModel, LayersOfATableModelAreRefused) {
  Model table = model_;
  table.spec = {.input = {1},
                .layers = {{.type = LayerType::dense, .name = "predictions", .out = 2}}};
  table.parameters = initial_parameters(table.spec, 3);
  const std::vector<double> row{1};
  table.preprocessing =
      to_json(fit_scaling(Scaling::standard, {"height"}, std::vector{std::span(row)}));
  save_model(folder_ / "m.safetensors", table);
  config_.layers = {"predictions"};
  EXPECT_THROW(make_starting_point(config_, {"a", "b"}), ModelError);
}

}  // namespace
}  // namespace steelsight::starting_point_test
