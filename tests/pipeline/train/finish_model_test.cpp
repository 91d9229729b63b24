#include "pipeline/train/finish_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/synth.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/predict/classify.hpp"
#include "pipeline/predict/evaluate.hpp"
#include "pipeline/train/learner.hpp"
#include "preprocessing/preprocessing.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::finish_model_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// Six classes of 10 images; five of each to train, the others to validate.
class FinishModel : public testing::Test {
 protected:
  void SetUp() override {
    synthesize({.folder = images_, .per_class = 10, .seed = 1, .size = 32});
    const Dataset dataset = open_dataset(images_);
    model_.spec = vgg16_slim({.classes = 6, .width = 1.0 / 16, .input = {1, 32, 32}});
    model_.parameters = initial_parameters(model_.spec, 3);
    model_.class_names = dataset.class_names;
    model_.preprocessing = to_json(from_scratch(32));
    for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
      LabelledExamples& part = i % 2 == 0 ? train_ : validation_;
      part.examples.paths.push_back(dataset.samples[i].path);
      part.labels.push_back(static_cast<int>(*dataset.samples[i].label));
    }
  }
  std::vector<std::string> finish(std::size_t per_class = 3) {
    return finish_model(backend_, model_, {.train = train_, .validation = validation_},
                        {.per_class = per_class});
  }
  Predictions classify_all(const UnknownConfig& unknown, ClassifyResult* result = nullptr) {
    save_model(folder_ / "m.safetensors", model_);
    Console quiet(true);
    const ClassifyResult got = classify(
        backend_,
        {.inputs = {images_.string()},
         .run = {.output = (folder_ / "c").string(), .model = (folder_ / "m.safetensors").string()},
         .unknown = unknown},
        quiet);
    if (result != nullptr) *result = got;
    return read_predictions(folder_ / "c/predictions.csv");
  }

  const TemporaryFolder folder_;
  const fs::path images_ = folder_ / "images";
  Backend backend_{1};
  Model model_;
  LabelledExamples train_, validation_;
};

TEST_F(FinishModel, RemembersAFewImagesOfEachClassAndCalibrates) {
  const std::vector<std::string> notes = finish();
  EXPECT_EQ(model_.memory.size(), 18u);
  EXPECT_EQ(model_.memory.layers, memory_layers(model_.spec));
  for (int label = 0; label < 6; ++label)
    EXPECT_EQ(std::ranges::count(model_.memory.labels, label), 3);
  const Calibration calibration = *calibration_from_json(model_.calibration);
  EXPECT_EQ(calibration.judged.size(), 30u);
  EXPECT_EQ(calibration.distances.size(), 30u);
  EXPECT_TRUE(std::ranges::is_sorted(calibration.distances));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("memory: 18 images"),
                                 AllOf(HasSubstr("temperature"), HasSubstr("30 validation"))));

  const Model before = model_;
  finish();
  EXPECT_EQ(model_.memory.features, before.memory.features);
  EXPECT_EQ(model_.calibration, before.calibration);
}

TEST_F(FinishModel, RememberedImagesHaveNoDistance) {
  finish(100);
  const Predictions predictions = classify_all({});
  for (std::size_t i = 0; i < predictions.rows.size(); ++i) {
    const bool remembered =
        std::ranges::find(train_.examples.paths, fs::path(predictions.rows[i].path)) !=
        train_.examples.paths.end();
    if (remembered)  // but for the rounding to halves
      EXPECT_NEAR(*predictions.rows[i].distance, 0, 1e-3) << predictions.rows[i].path;
    else
      EXPECT_GT(*predictions.rows[i].distance, 1e-3f) << predictions.rows[i].path;
  }
}

TEST_F(FinishModel, CalibrationMovesConfidencesOnly) {
  const Predictions before = classify_all({});
  EXPECT_FALSE(before.rows[0].distance);
  finish();
  const Predictions after = classify_all({});
  const double temperature = model_.calibration.at("temperature");
  ASSERT_NE(temperature, 1);
  for (std::size_t i = 0; i < before.rows.size(); ++i) {
    EXPECT_EQ(after.rows[i].prediction, before.rows[i].prediction);
    for (std::size_t k = 1; k < 6; ++k) {
      const auto odds = [&](const Prediction& row) {
        return std::log(static_cast<double>(row.probabilities[k] / row.probabilities[0]));
      };
      EXPECT_NEAR(odds(after.rows[i]) * temperature, odds(before.rows[i]), 1e-3);
    }
  }
}

TEST_F(FinishModel, ClassifyCallsUnknownWhatIsTooFar) {
  finish();
  ClassifyResult result;
  const Predictions predictions = classify_all({.false_alarms = 0.2}, &result);
  const auto distances = model_.calibration.at("distances").get<std::vector<float>>();
  const float threshold = *novelty_threshold(distances, 0.2);
  std::size_t unknown = 0;
  for (const Prediction& row : predictions.rows) {
    EXPECT_EQ(row.prediction == kUnknown, *row.distance > threshold) << row.path;
    EXPECT_EQ(row.probabilities.size(), 6u);
    unknown += row.prediction == kUnknown;
  }
  EXPECT_EQ(result.unknown, unknown);
  EXPECT_GE(unknown, 6u);  // the validation images alone
  const Report report = make_report(predictions);
  EXPECT_EQ(report.n_unknown, unknown);
  EXPECT_EQ(report.n_unlabelled + unknown, 60u);
}

TEST_F(FinishModel, EvaluateReportsCalibrationAndWhatWouldBeAccepted) {
  finish();
  save_model(folder_ / "m.safetensors", model_);
  fs::copy_file(images_ / "Cr_1.bmp", images_ / "Other_1.bmp");
  EvaluateConfig config{
      .dataset = images_.string(),
      .run = {.output = (folder_ / "e").string(), .model = (folder_ / "m.safetensors").string()},
      .unknown = {}};
  Console quiet(true);
  const Report plain = evaluate(backend_, config, quiet);
  EXPECT_EQ(plain.calibration->n, 61u);
  EXPECT_FALSE(plain.calibration->accepted);
  config.unknown.false_alarms = 0.2;
  const Report asked = evaluate(backend_, config, quiet);
  EXPECT_EQ(asked.metrics->accuracy.n, 61u);  // the accuracy is the same
  EXPECT_EQ(asked.metrics->accuracy.correct, plain.metrics->accuracy.correct);
  const AcceptedReport accepted = *asked.calibration->accepted;
  EXPECT_EQ(accepted.n, 60u);
  EXPECT_EQ(accepted.n_other, 1u);
  const Json json = parse_json(read_file(folder_ / "e/report.json"), "report");
  EXPECT_EQ(json.at("calibration").at("accepted").at("n_accepted"), accepted.accepted);
  EXPECT_THAT(read_file(folder_ / "e/report.md"),
              AllOf(HasSubstr("## Calibration"), HasSubstr("20.00 % false alarms")));
}

TEST_F(FinishModel, WithoutValidationThereIsNoCalibration) {
  validation_ = {};
  model_.calibration = Json{{"left", "over"}};
  EXPECT_THAT(finish(), ElementsAre(HasSubstr("memory: 18"), HasSubstr("no calibration")));
  EXPECT_TRUE(model_.calibration.empty());
  const Predictions predictions = classify_all({.false_alarms = 0.05});
  ASSERT_EQ(predictions.rows.size(), 60u);
  for (const Prediction& row : predictions.rows) {
    EXPECT_NE(row.prediction, kUnknown);
    EXPECT_TRUE(row.distance);
  }
}

TEST_F(FinishModel, LeavesOutImagesThatCanNotBeRead) {
  for (const fs::path& path : {train_.examples.paths[0], validation_.examples.paths[0]})
    write_file(path, "no image");
  finish(100);
  EXPECT_EQ(model_.memory.size(), 29u);
  EXPECT_EQ(calibration_from_json(model_.calibration)->judged.size(), 29u);
  for (const LabelledExamples* part : {&train_, &validation_})
    for (const fs::path& path : part->examples.paths) write_file(path, "no image");
  EXPECT_THAT(finish(), ElementsAre(HasSubstr("none of the training images can be read"),
                                    HasSubstr("no calibration")));
  EXPECT_TRUE(model_.memory.empty());
}

TEST_F(FinishModel, ANetworkWithoutADenseHeadHasNoMemory) {
  model_.spec.layers.push_back({.type = LayerType::activation, .name = "last"});
  EXPECT_THAT(finish(), ElementsAre(HasSubstr("does not end in a dense layer"),
                                    HasSubstr("calibration: temperature")));
  EXPECT_TRUE(model_.memory.empty());
  EXPECT_FALSE(classify_all({.false_alarms = 0.05}).rows[0].distance);
}

}  // namespace
}  // namespace steelsight::finish_model_test
