#include "pipeline/search/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "datasets/synth.hpp"
#include "evaluation/training_log.hpp"
#include "models/error.hpp"
#include "pipeline/search/search_report.hpp"
#include "pipeline/train/train.hpp"

namespace steelsight::search_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Json grid_of(const std::string& text) {
  return Json::parse(text);
}

// Three classes of eight images and a small network: half a second a search.
class SearchCommand : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    synthesize({.folder = images(), .per_class = 8, .seed = 1, .size = 32});
    for (const fs::path& file : fs::directory_iterator(images())) {
      const std::string name = file.filename().string();
      if (!name.starts_with("Cr") && !name.starts_with("In") && !name.starts_with("Sc"))
        fs::remove(file);
    }
  }
  static void TearDownTestSuite() { fs::remove_all(root()); }
  static const fs::path& root() {
    static const fs::path path = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
    return path;
  }
  static fs::path images() { return root() / "images"; }
  static fs::path folder() {
    return root() / testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  static Json json_of(const std::string& grid) {
    return {{"dataset", images().string()},
            {"output", folder().string()},
            {"grid", grid_of(grid)},
            {"folds", 2},
            {"parallel", 2},
            {"seed", 3},
            {"train",
             {{"arch", "vgg16-slim"},
              {"epochs", 1},
              {"input_size", 32},
              {"width", 0.125},
              {"batch_size", 4},
              {"validation", 0.25}}}};
  }
  static SearchConfig config_of(const std::string& grid) {
    return search_config_from_json(json_of(grid));
  }
  static SearchResult run(const SearchConfig& config) {
    Console console(/*quiet=*/true);
    return search(config, console);
  }
  // What a user would see of it.
  static std::string output_of(const SearchConfig& config) {
    testing::internal::CaptureStdout();
    Console console;
    search(config, console);
    return testing::internal::GetCapturedStdout();
  }
};

constexpr const char* kRates = R"({"grid": {"/schedule/learning_rate": [1e-3, 4e-3]}})";
constexpr const char* kRatesAndDecays =
    R"({"grid": {"/schedule/learning_rate": [1e-3, 4e-3], "/optimizer/weight_decay": [0, 0.1]}})";

bool are_same(const SearchRun& a, const SearchRun& b) {
  return a.trial == b.trial && a.fold == b.fold && a.values == b.values &&
         a.train.correct == b.train.correct && a.validation.correct == b.validation.correct &&
         a.test.correct == b.test.correct && a.best_epoch == b.best_epoch;
}

TEST_F(SearchCommand, ConfigurationIsWrittenAsItWasRead) {
  const SearchConfig config = config_of(kRatesAndDecays);
  const Json json = to_json(config);
  EXPECT_EQ(to_json(search_config_from_json(json)), json);
  EXPECT_EQ(json.at("train").at("epochs"), 1);
  EXPECT_FALSE(json.at("train").contains("fold"));
}

TEST_F(SearchCommand, RefusesWrongConfigurations) {
  const auto message_of = [](const char* pointer, const Json& value) -> std::string {
    Json json = json_of(kRates);
    json[Json::json_pointer(pointer)] = value;
    try {
      search_config_from_json(json);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message_of("/fold", 1), HasSubstr("/search/fold is not known"));
  EXPECT_THAT(message_of("/folds", 1), HasSubstr("/search/folds is 1, expected 0, or 2 to 1000"));
  EXPECT_THAT(message_of("/dataset", ""), HasSubstr("/search/dataset is missing"));
  EXPECT_THAT(message_of("/output", ""), HasSubstr("/search/output is missing"));
  EXPECT_THAT(message_of("/parallel", 5000), HasSubstr("/search/parallel is 5000"));
  EXPECT_THAT(message_of("/train", 3), HasSubstr("/search/train is 3, expected an object"));
  EXPECT_THAT(message_of("/train/epohcs", 3), HasSubstr("/search/train/epohcs is not known"));
  EXPECT_THAT(message_of("/train/epochs", 0),
              HasSubstr("/search/train/epochs is 0, expected 1 to 100000"));
  EXPECT_THAT(message_of("/train/seed", 4), HasSubstr("/search/train/seed: the search itself"));
  EXPECT_THAT(message_of("/train/validation", 0), HasSubstr("trials are chosen by it"));
}

TEST_F(SearchCommand, RefusesTrialsThatTrainDoesNotKnow) {
  const auto message_of = [](const char* grid) -> std::string {
    try {
      config_of(grid);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message_of(R"({"grid": {"/schedule/lerning_rate": [1]}})"),
              HasSubstr("trial 1: /train/schedule/lerning_rate is not known"));
  EXPECT_THAT(message_of(R"({"grid": {"/dropout": [0.1, 1.5]}})"),
              HasSubstr("trial 2: /train/dropout is 1.5, expected 0 or more and less than 1"));
  EXPECT_THAT(message_of(R"({"grid": {"/epochs/x": [1]}})"), HasSubstr("/epochs/x leads nowhere"));
  EXPECT_THAT(message_of(R"({"grid": {"/fold": [0, 1]}})"), HasSubstr("itself sets fold"));
  EXPECT_THAT(message_of(R"({"random": {"/batch_size": {"uniform": [4, 8]}}, "trials": 9})"),
              HasSubstr("expected a whole number"));
  EXPECT_EQ(trials_of(config_of(R"({"grid": {"/seed": [1, 2]}})"))[1].config.seed, 2u);
}

TEST_F(SearchCommand, WritesARowForEachRunThatTrainAgreesWith) {
  const SearchConfig config = config_of(kRatesAndDecays);
  const SearchResult result = run(config);
  ASSERT_EQ(result.runs.size(), 8u);
  for (const SearchRun& found : result.runs) {
    EXPECT_EQ(found.error, "");
    EXPECT_EQ(found.test.n, 12u);
    EXPECT_EQ(found.validation.n, 3u);
    EXPECT_EQ(found.train.n, 9u);
  }
  // The same by `train`, without a search.
  TrainConfig alone = trials_of(config)[2].config;
  alone.fold = 1;
  alone.output = (root() / "alone.safetensors").string();
  Backend backend(1);
  Console console(/*quiet=*/true);
  const TrainResult expected = train(backend, alone, console);
  const SearchRun& found = result.runs[2 * 2 + 1];
  EXPECT_EQ(found.trial, 3u);
  EXPECT_EQ(found.fold, 1);
  EXPECT_EQ(found.train.correct, expected.train.correct);
  EXPECT_EQ(found.validation.correct, expected.validation.correct);
  EXPECT_EQ(found.test.correct, expected.test.correct);
  EXPECT_EQ(read_file(folder() / "trials/003/fold_1.log.csv").substr(0, 100),
            read_file(root() / "alone.log.csv").substr(0, 100));

  for (const char* name : {"heatmap_train", "heatmap_validation", "heatmap_test"})
    for (const char* extension : {".png", ".svg"})
      EXPECT_TRUE(fs::exists(folder() / (std::string(name) + extension))) << name;
  EXPECT_FALSE(fs::exists(folder() / "trials/003/fold_1.safetensors"));
  EXPECT_FALSE(fs::exists(folder() / "trials/003/fold_1.checkpoint.safetensors"));
  const Json json = Json::parse(read_file(folder() / "search.json"));
  ASSERT_EQ(json.at("trials").size(), 4u);
  double highest = 0;
  for (const Json& trial : json.at("trials"))
    highest = std::max(highest, trial.at("validation").at("mean").get<double>());
  EXPECT_EQ(json.at("best").at("validation").at("mean"), highest);
  EXPECT_THAT(json.at("command").get<std::string>(), HasSubstr("--set /train/epochs=1"));
}

TEST_F(SearchCommand, HowManyRunAtOnceChangesNothing) {
  SearchConfig config = config_of(kRates);
  const SearchResult two = run(config);
  config.parallel = 1;
  config.output = (folder() / "one").string();
  const SearchResult one = run(config);
  ASSERT_EQ(one.runs.size(), two.runs.size());
  for (std::size_t i = 0; i < one.runs.size(); ++i) EXPECT_TRUE(are_same(one.runs[i], two.runs[i]));
}

TEST_F(SearchCommand, DoesOnlyWhatIsNotThereYet) {
  const SearchConfig config = config_of(kRates);
  const SearchResult first = run(config);
  const fs::path table = folder() / "search.csv";
  const std::string whole = read_file(table);
  EXPECT_THAT(output_of(config), testing::Not(HasSubstr("trial 1 fold")));
  EXPECT_EQ(read_file(table), whole);  // with the seconds of the first time

  // As after a kill: one run is missing.
  std::vector<SearchRun> runs = first.runs;
  runs.erase(runs.begin() + 2);
  write_search_table(table, {"/schedule/learning_rate"}, runs);
  const fs::path left = folder() / "trials/001/fold_0.safetensors";  // by a kill behind its row
  write_file(left, "");
  const std::string output = output_of(config);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_THAT(output, HasSubstr("1 runs and 3 finished ones"));
  EXPECT_THAT(output, HasSubstr("[4/4]  trial 2 fold 0"));
  const std::vector<SearchRun> again = read_search_table(table, {"/schedule/learning_rate"});
  ASSERT_EQ(again.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(are_same(again[i], first.runs[i])) << i;
}

TEST_F(SearchCommand, RefusesTheFolderOfAnotherSearch) {
  const SearchConfig config = config_of(kRates);
  run(config);
  SearchConfig other = config;
  other.train.epochs = 2;
  EXPECT_THAT([&] { run(other); }, ThrowsMessage<ConfigError>(testing::AllOf(
                                       HasSubstr("holds another search"),
                                       HasSubstr("/search/train/epochs is 1 there and 2 here"))));
  EXPECT_THROW(run(config_of(kRatesAndDecays)), ConfigError);
  other = config;
  other.parallel = 1;  // changes no result
  EXPECT_NO_THROW(run(other));

  const fs::path image = images() / "Cr_1.bmp";
  const std::string bytes = read_file(image);
  write_file(image, read_file(images() / "Cr_2.bmp"));
  EXPECT_THAT([&] { run(config); }, ThrowsMessage<ConfigError>(HasSubstr("/images is")));
  write_file(image, bytes);
  fs::remove(folder() / "identity.json");
  EXPECT_THROW(run(config), ConfigError);
}

TEST_F(SearchCommand, RefusesToGoOnWithOtherKernels) {
  const SearchConfig config = config_of(R"({"grid": {"/schedule/learning_rate": [1e-3]}})");
  run(config);
  const fs::path kernels = folder() / "kernels.json";
  KernelChoices({.policy = KernelConfig::Policy::timed, .file = kernels}, Backend(1).machine())
      .keep("no convolution of these runs", {.direct_ms = 2, .winograd_ms = 1});
  Console console(/*quiet=*/true);
  EXPECT_THAT(
      [&] { search(config, console, {.policy = KernelConfig::Policy::pinned, .file = kernels}); },
      ThrowsMessage<ConfigError>(HasSubstr("holds another search: /backend")));
}

TEST_F(SearchCommand, MoreDrawsGoOnFromFewer) {
  const auto draws = [](int trials) {
    return R"({"random": {"/dropout": {"uniform": [0, 0.5]}}, "trials": )" +
           std::to_string(trials) + "}";
  };
  const SearchResult two = run(config_of(draws(2)));
  const SearchResult three = run(config_of(draws(3)));
  ASSERT_EQ(three.runs.size(), 6u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(three.runs[i].seconds, two.runs[i].seconds);
  EXPECT_TRUE(fs::exists(folder() / "accuracy.png"));
  EXPECT_THAT([&] { run(config_of(draws(2))); },
              ThrowsMessage<ConfigError>(HasSubstr("a run of trial 3")));
}

TEST_F(SearchCommand, ARunThatDivergesIsARowAndTheSearchGoesOn) {
  const char* grid =
      R"({"grid": {"/optimizer/kind": ["sgd"], "/schedule/learning_rate": [1e-3, 1e30],
          "/schedule/kind": ["constant"]}})";
  Json json = json_of(grid);
  json["train"]["epochs"] = 3;
  json["folds"] = 0;
  const SearchResult result = run(search_config_from_json(json));
  ASSERT_EQ(result.runs.size(), 2u);
  EXPECT_EQ(result.runs[0].error, "");
  EXPECT_NE(result.runs[1].error, "");
  EXPECT_EQ(result.runs[1].test.n, 0u);
  EXPECT_TRUE(fs::exists(folder() / "heatmap_test_optimizer.kind_schedule.learning_rate.png"));
  const Json report = Json::parse(read_file(folder() / "search.json"));
  EXPECT_EQ(report.at("best").at("trial"), 1);
  EXPECT_TRUE(report.at("trials")[1].at("test").is_null());
}

TEST_F(SearchCommand, KeepsModelsIfAsked) {
  SearchConfig config = config_of(R"({"grid": {"/dropout": [0.1]}})");
  config.keep_models = true;
  run(config);
  EXPECT_TRUE(fs::exists(folder() / "trials/001/fold_1.safetensors"));
}

TEST(CommandOf, NamesWhatDiffersFromTheDefaults) {
  TrainConfig config;
  config.dataset = "my images";
  config.seed = 4;
  EXPECT_EQ(command_of(config), "steelsight train 'my images' -o best.safetensors --seed 4");
  config.folds = 3;  // of the search alone
  config.dropout = 0.25;
  config.arch = "it's.json";
  config.optimizer.weight_decay = 0.5;
  EXPECT_EQ(command_of(config),
            "steelsight train 'my images' -o best.safetensors --seed 4 "
            "--set '/train/arch=it'\\''s.json' --set /train/dropout=0.25 "
            "--set /train/optimizer/weight_decay=0.5");
}

}  // namespace
}  // namespace steelsight::search_test
