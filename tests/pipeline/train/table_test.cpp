// Tables of numbers from end to end: trained on, classified, evaluated, searched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/split_file.hpp"
#include "evaluation/predictions.hpp"
#include "models/error.hpp"
#include "models/zoo.hpp"
#include "pipeline/extract/extract.hpp"
#include "pipeline/features/preparation.hpp"
#include "pipeline/predict/classify.hpp"
#include "pipeline/predict/evaluate.hpp"
#include "pipeline/search/search.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/train.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::table_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string number(double value) {
  return Json(value).dump();
}

// Three kinds of sheet that differ in two of three columns of very different size; `noise` is of no
// use.
struct Sheet {
  std::string label;
  double width, noise, force;
};

std::vector<Sheet> sheets(std::size_t per_class, std::uint64_t seed) {
  const std::vector<Sheet> kinds{
      {"plain", 1, 0, 5000}, {"thick", 3, 0, 5000}, {"tough", 1, 0, 9000}};
  Random random(seed);
  std::vector<Sheet> result;
  for (std::size_t i = 0; i < per_class; ++i)
    for (const Sheet& kind : kinds)
      result.push_back({kind.label, kind.width + 0.2 * static_cast<double>(random.normal()),
                        static_cast<double>(random.normal()),
                        kind.force + 400 * static_cast<double>(random.normal())});
  return result;
}

class TablePipeline : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write_sheets(const std::string& name, std::uint64_t seed,
                           std::size_t per_class = 40) const {
    std::string text = "width,noise,force,label\n";
    for (const Sheet& s : sheets(per_class, seed))
      text +=
          number(s.width) + "," + number(s.noise) + "," + number(s.force) + "," + s.label + "\n";
    write_file(folder_ / name, text);
    return path(name);
  }

  TrainConfig config(const std::string& table) const {
    TrainConfig config;
    config.dataset = table;
    config.output = path("m.safetensors");
    config.hidden = {8};
    config.activation = "tanh";
    config.epochs = 15;
    config.schedule.learning_rate = 0.05;
    return config;
  }
  TrainResult trained(const TrainConfig& config) { return train(backend_, config, quiet_); }

  // A model of sheets, made once.
  Model model() {
    trained(config(write_sheets("t.csv", 1)));
    return load_model(folder_ / "m.safetensors");
  }

  Predictions classified(const std::string& input) {
    classify(backend_,
             {.inputs = {input}, .run = {.output = path("c"), .model = path("m.safetensors")}},
             quiet_);
    return read_predictions(folder_ / "c/predictions.csv");
  }

  Report evaluated(const std::string& dataset) {
    EvaluateConfig config;
    config.dataset = dataset;
    config.run = {.output = path("e"), .model = path("m.safetensors")};
    return evaluate(backend_, config, quiet_);
  }

  const TemporaryFolder folder_;
  Backend backend_{1};
  Console quiet_{true};
};

TEST_F(TablePipeline, LearnsAndEvaluatesOnItsTestPart) {
  TrainConfig config = this->config(write_sheets("t.csv", 1));
  config.report = path("report");
  const TrainResult result = trained(config);
  EXPECT_EQ(result.test.n, 24u);
  EXPECT_GE(result.test.correct, 23u);
  const Predictions predictions = read_predictions(folder_ / "report/predictions.csv");
  ASSERT_EQ(predictions.rows.size(), 24u);
  EXPECT_THAT(predictions.rows[0].path, HasSubstr("t.csv:"));

  const Model model = load_model(folder_ / "m.safetensors");
  EXPECT_THAT(model.memory.layers, testing::ElementsAre("hidden1_tanh"));
  EXPECT_FALSE(model.calibration.empty());
}

TEST_F(TablePipeline, ScalingIsOfTheTrainingRowsAlone) {
  const Model model = this->model();
  const Dataset dataset = open_dataset(path("t.csv"));
  const Split split = read_split(folder_ / "m.split.json", dataset);
  double mean = 0;
  for (const std::size_t row : split.train)
    mean += dataset.table->rows[row].values[2] / static_cast<double>(split.train.size());
  const TableScaling scaling = table_preparation(preparation_of(model));
  EXPECT_THAT(scaling.features, ElementsAre("width", "noise", "force"));
  EXPECT_NEAR(scaling.offset[2], mean, 1e-6);
  EXPECT_NEAR(scaling.scale[2], 1900, 300);
}

TEST_F(TablePipeline, FindsColumnsByNameAndIgnoresOthers) {
  model();
  write_file(folder_ / "new.csv",
             "force,remark,width,noise\n"
             "9000,as before,1,0\n"
             "5000,,3,0\n"
             "5000,,1,0\n");
  const Predictions predictions = classified(path("new.csv"));
  std::vector<std::string> names;
  for (const Prediction& row : predictions.rows) names.push_back(row.prediction);
  EXPECT_THAT(names, ElementsAre("tough", "thick", "plain"));
  EXPECT_EQ(predictions.rows[1].path, path("new.csv") + ":3");
}

TEST_F(TablePipeline, NamesTheColumnThatIsMissing) {
  model();
  write_file(folder_ / "new.csv", "width,Force\n1,9000\n");
  EXPECT_THAT([&] { classified(path("new.csv")); },
              ThrowsMessage<DatasetError>(HasSubstr("column 'noise', 'force' is missing")));
}

TEST_F(TablePipeline, ACellThatIsNoNumberIsARowWithItsError) {
  model();
  write_file(folder_ / "new.csv", "width,noise,force,label\n1,0,9000,tough\n1,,9000,tough\n");
  const Predictions predictions = classified(path("new.csv"));
  EXPECT_EQ(predictions.rows[0].error, "");
  EXPECT_EQ(predictions.rows[1].prediction, "");
  EXPECT_EQ(predictions.rows[1].error, path("new.csv") + ":3: noise is '', expected a number");

  const Report report = evaluated(path("new.csv"));
  EXPECT_EQ(report.n_errors, 1u);
  EXPECT_EQ(report.metrics->accuracy.n, 1u);
}

TEST_F(TablePipeline, LearnsFromTheOtherRowsIfACellIsNoNumber) {
  std::string text = read_file(write_sheets("t.csv", 1));
  text += "1,0,?,plain\n1,0,?,thick\n1,0,?,tough\n";
  write_file(folder_ / "t.csv", text);
  EXPECT_GE(trained(config(path("t.csv"))).test.correct, 23u);
}

TEST_F(TablePipeline, KnowsTheRowsItHasSeenWhateverTheTableIsCalled) {
  const Model model = this->model();
  EXPECT_EQ(model.trained_images.size(), 84u);
  EXPECT_EQ(model.validated_images.size(), 12u);
  // The same rows with their columns in another order, and one that is new.
  std::string text = "label,force,extra,noise,width\n";
  for (const Sheet& s : sheets(40, 1))
    text +=
        s.label + "," + number(s.force) + ",1," + number(s.noise) + "," + number(s.width) + "\n";
  write_file(folder_ / "moved.csv", text + "plain,5000,1,0,1\n");
  const Report report = evaluated(path("moved.csv"));
  ASSERT_EQ(report.seen.size(), 3u);
  for (const SeenPart& part : report.seen) {
    const std::size_t expected = part.seen == Seen::trained     ? 84
                                 : part.seen == Seen::validated ? 12
                                                                : 25;
    EXPECT_EQ(part.n_images, expected) << seen_name(part.seen);
  }
}

TEST_F(TablePipeline, GoesOnFromAModelWithItsScaling) {
  const Model first = model();
  TrainConfig more = config(write_sheets("more.csv", 2, 20));
  more.from = path("m.safetensors");
  more.output = path("m2.safetensors");
  more.freeze = "hidden1_tanh";
  trained(more);
  const Model second = load_model(folder_ / "m2.safetensors");
  EXPECT_EQ(second.preprocessing, first.preprocessing);
  EXPECT_EQ(second.parameters.at("hidden1.weight").values,
            first.parameters.at("hidden1.weight").values);
  EXPECT_NE(second.parameters.at("predictions.weight").values,
            first.parameters.at("predictions.weight").values);
}

TEST_F(TablePipeline, ReadsANetworkOfOnesOwn) {
  write_file(folder_ / "net.json", R"({"input": [3], "layers": [
      {"type": "dense", "name": "a", "out": 16}, {"type": "batchnorm", "name": "b"},
      {"type": "selu", "name": "c"}, {"type": "dropout", "name": "d", "rate": 0.1},
      {"type": "dense", "name": "e", "out": 3}]})");
  TrainConfig config = this->config(write_sheets("t.csv", 1));
  config.arch = path("net.json");
  config.scaling = "minmax";
  config.optimizer.l1 = 1e-4;
  EXPECT_GE(trained(config).test.correct, 23u);
  EXPECT_EQ(load_model(folder_ / "m.safetensors").preprocessing.at("scaling"), "minmax");
}

TEST_F(TablePipeline, ConvergesAndStops) {
  TrainConfig config = this->config(write_sheets("t.csv", 1));
  config.epochs = 100;
  config.schedule = {.kind = ScheduleKind::constant, .learning_rate = 0.01};
  config.tolerance = 0.02;
  const TrainResult result = trained(config);
  EXPECT_GT(result.epochs, kConvergenceEpochs);
  EXPECT_LT(result.epochs, 60);
  // By its definition: not before the last epoch.
  const std::vector<EpochLog> log = read_training_log(folder_ / "m.log.csv");
  const auto fall_of_the_last_ten = [&](std::size_t end) {
    double before = 1e9, recent = 1e9;
    for (std::size_t e = 0; e < end; ++e) {
      double& lowest = e + 10 < end ? before : recent;
      lowest = std::min(lowest, log[e].train_loss);
    }
    return before - recent;
  };
  EXPECT_LT(fall_of_the_last_ten(log.size()), 0.02);
  for (std::size_t end = 11; end < log.size(); ++end) EXPECT_GE(fall_of_the_last_ten(end), 0.02);
}

TEST_F(TablePipeline, StopsEarlyWithPatience) {
  TrainConfig config = this->config(write_sheets("t.csv", 1));
  config.epochs = 60;
  config.schedule = {.kind = ScheduleKind::constant, .learning_rate = 0.1};
  config.patience = 4;
  const TrainResult result = trained(config);
  EXPECT_LT(result.epochs, 60);
  EXPECT_EQ(result.epochs, result.best_epoch + 4);
}

TEST_F(TablePipeline, TheSameSeedGivesTheSameModel) {
  TrainConfig config = this->config(write_sheets("t.csv", 1));
  config.epochs = 3;
  trained(config);
  const std::string first = read_file(folder_ / "m.safetensors");
  trained(config);
  EXPECT_EQ(read_file(folder_ / "m.safetensors"), first);
  config.seed = 1;
  trained(config);
  EXPECT_NE(read_file(folder_ / "m.safetensors"), first);
}

TEST_F(TablePipeline, SearchesUnitsByLearningRate) {
  SearchConfig search_config;
  search_config.dataset = write_sheets("t.csv", 1, 12);
  search_config.output = path("s");
  search_config.grid = search_grid_from_json(
      parse_json(R"({"grid": {"/hidden": [[1], [8]], "/schedule/learning_rate": [0.0001, 0.05]}})",
                 "grid"),
      "grid");
  search_config.train = config("");
  search_config.train.validation = 0.2;
  search_config.folds = 2;
  const SearchResult result = search(search_config, quiet_);
  ASSERT_EQ(result.runs.size(), 8u);
  EXPECT_GT(result.runs[7].test.value(), 0.9);
  EXPECT_TRUE(fs::exists(folder_ / "s/search.csv"));
}

TEST_F(TablePipeline, RefusesWhatDoesNotFit) {
  const std::string table = write_sheets("t.csv", 1);
  const auto expect_error = [&](auto change, const std::string& message) {
    TrainConfig config = this->config(table);
    change(config);
    EXPECT_THAT([&] { trained(config); }, ThrowsMessage<Error>(HasSubstr(message)));
  };
  expect_error([](TrainConfig& c) { c.arch = "vgg16"; }, "expected mlp");
  expect_error([](TrainConfig& c) { c.activation = "sigmoid"; },
               "activation 'sigmoid' is not known");
  expect_error([](TrainConfig& c) { c.activation = "dropout"; }, "is a layer, but no activation");
  expect_error([](TrainConfig& c) { c.head = HeadMethod::least_squares; },
               "expected gradient for a table");
  expect_error(
      [](TrainConfig& c) {
        c.arch = "mlp";
        c.weights = "w.safetensors";
      },
      "/train/weights");
  write_file(folder_ / "net.json",
             R"({"input": [2], "layers": [{"type": "dense", "name": "a", "out": 3}]})");
  expect_error([&](TrainConfig& c) { c.arch = path("net.json"); },
               "input is 2, the table has 3 features");
  write_file(folder_ / "text.csv", "id,x,label\na1,1,a\nb7,2,b\na2,3,a\nb8,4,b\n");
  expect_error(
      [&](TrainConfig& c) {
        c.dataset = path("text.csv");
        c.validation = c.test = 0;
      },
      "column 'id' holds no number");
}

TEST_F(TablePipeline, ModelsOfImagesAndOfTablesAreNotMixed) {
  const std::string table = write_sheets("t.csv", 1);
  Model images;
  images.spec = vgg16_slim({.classes = 2, .width = 1.0 / 16, .input = {1, 32, 32}});
  images.parameters = initial_parameters(images.spec, 3);
  images.class_names = {"a", "b"};
  images.preprocessing = to_json(from_scratch(32));
  save_model(folder_ / "m.safetensors", images);
  EXPECT_THAT([&] { classified(table); },
              ThrowsMessage<ModelError>(HasSubstr("reads images, not rows of a table")));
  TrainConfig from = config(table);
  from.from = path("m.safetensors");
  from.output = path("m2.safetensors");
  EXPECT_THAT([&] { trained(from); }, ThrowsMessage<ModelError>(HasSubstr("reads images")));

  model();
  write_file(folder_ / "a.bmp", "no image");
  EXPECT_THAT(
      [&] { classified(path("a.bmp")); },
      ThrowsMessage<ModelError>(HasSubstr("reads rows of a table with the column 'width'")));
  ExtractConfig extraction;
  extraction.dataset = table;
  extraction.output = path("features");
  extraction.model = path("m.safetensors");
  extraction.layers = {"hidden1"};
  EXPECT_THAT([&] { extract(backend_, extraction, quiet_); },
              ThrowsMessage<ModelError>(HasSubstr("not images")));
  EXPECT_THAT(
      [&] {
        classify(backend_,
                 {.inputs = {table, path("a.bmp")},
                  .run = {.output = path("c"), .model = path("m.safetensors")}},
                 quiet_);
      },
      ThrowsMessage<DatasetError>(HasSubstr("expected it as the only input")));
}

TEST_F(TablePipeline, RefusesADamagedScaling) {
  Model model = this->model();
  model.preprocessing["scale"][0] = -1;
  save_model(folder_ / "m.safetensors", model);
  EXPECT_THAT([&] { classified(path("t.csv")); },
              ThrowsMessage<ModelError>(HasSubstr("/preprocessing/scale")));
  for (const char* key : {"features", "offset", "scale"}) model.preprocessing[key].erase(0);
  save_model(folder_ / "m.safetensors", model);
  EXPECT_THAT([&] { classified(path("t.csv")); },
              ThrowsMessage<ModelError>(HasSubstr("gives 2, its network reads 3")));
}

// As scikit-learn's digits: 8x8 pixels from 0 to 16, ten classes.
TEST_F(TablePipeline, LearnsPixelsOfTenDigits) {
  Random random(5);
  std::vector<std::vector<double>> glyphs(10, std::vector<double>(64));
  for (auto& glyph : glyphs)
    for (double& pixel : glyph) pixel = random.chance(0.4f) ? 14 : 1;
  std::string text;
  for (int p = 0; p < 64; ++p) text += "pixel" + std::to_string(p) + ",";
  text += "label\n";
  for (int i = 0; i < 600; ++i) {
    for (const double pixel : glyphs[static_cast<std::size_t>(i % 10)])
      text += std::to_string(std::clamp<long>(
                  std::lround(pixel + 5 * static_cast<double>(random.normal())), 0, 16)) +
              ",";
    text += std::to_string(i % 10) + "\n";
  }
  write_file(folder_ / "digits.csv", text);
  TrainConfig config = this->config(path("digits.csv"));
  config.hidden = {32};
  config.activation = "relu";
  config.epochs = 10;
  config.schedule.learning_rate = 0.01;
  const TrainResult result = trained(config);
  EXPECT_EQ(result.test.n, 120u);
  EXPECT_GE(result.test.value(), 0.97);
}

// Two classes and thirty features, in threes that say much the same, of sizes from 0.001 to 1000.
TEST_F(TablePipeline, LearnsTwoClassesFromThirtyFeatures) {
  Random random(6);
  std::string text;
  for (char f = 'A'; f < 'A' + 30; ++f) text += {f, ','};
  text += "label\n";
  for (int i = 0; i < 400; ++i) {
    const bool malignant = i % 5 < 2;
    for (int f = 0; f < 30; f += 3) {
      const double shared = static_cast<double>(random.normal()) + (malignant ? 1.2 : 0);
      for (int copy = 0; copy < 3; ++copy)
        text += number(std::pow(10, f % 7 - 3) *
                       (shared + 0.3 * static_cast<double>(random.normal()) + 2)) +
                ",";
    }
    text += malignant ? "malignant\n" : "benign\n";
  }
  write_file(folder_ / "cells.csv", text);
  TrainConfig config = this->config(path("cells.csv"));
  config.hidden = {};
  const TrainResult result = trained(config);
  EXPECT_EQ(result.test.n, 80u);
  EXPECT_GE(result.test.value(), 0.95);
}

}  // namespace
}  // namespace steelsight::table_test
