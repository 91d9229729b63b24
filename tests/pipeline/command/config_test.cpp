#include "pipeline/command/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "pipeline/train/train.hpp"

namespace steelsight::config_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class Config : public testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }
  const fs::path file_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%.json");
};

TEST_F(Config, LaterSourcesWin) {
  const Json defaults{{"a", 1}, {"b", 1}, {"c", 1}, {"d", Json{{"x", 1}, {"y", 1}}}};
  write_file(file_, R"({"train": {"b": 2, "c": 2, "d": {"x": 2}}, "classify": {"a": 9}})");
  const Json config = gather_config(
      "train", defaults,
      {.file = file_.string(), .sets = {"/train/c=3", "/train/d/y=text"}, .options = {{"/c", 4}}});
  EXPECT_EQ(config, (Json{{"a", 1}, {"b", 2}, {"c", 4}, {"d", Json{{"x", 2}, {"y", "text"}}}}));
}

TEST_F(Config, RefusesWhatLeadsNowhere) {
  for (const char* set : {"epochs=5", "/train=5", "/trian/epochs=5", "/train/epochs", "", "="})
    EXPECT_THROW(gather_config("train", Json::object(), {.sets = {set}}), ConfigError) << set;
  write_file(file_, R"({"trian": {}})");
  EXPECT_THAT([&] { gather_config("train", Json::object(), {.file = file_.string()}); },
              ThrowsMessage<ConfigError>(HasSubstr("no section 'trian'")));
  write_file(file_, "[]");
  EXPECT_THROW(gather_config("train", Json::object(), {.file = file_.string()}), ConfigError);
  EXPECT_THROW(gather_config("train", Json{{"a", 1}}, {.sets = {"/train/a/b=1"}}), ConfigError);
}

// A merge would take a key with null away, and a parser the second of two.
TEST_F(Config, RefusesNullsAndKeysThatAreThereTwice) {
  const Json defaults{{"a", 1}, {"d", Json{{"x", 1}}}};
  const auto expect = [&](const std::string& text, const std::string& message) {
    write_file(file_, text);
    EXPECT_THAT([&] { gather_config("train", defaults, {.file = file_.string()}); },
                ThrowsMessage<ConfigError>(HasSubstr(file_.string() + ": " + message)));
  };
  expect(R"({"train": {"a": null}})", "/train/a is null");
  expect(R"({"train": {"d": {"x": null}}})", "/train/d/x is null");
  expect(R"({"train": null})", "/train is null");
  expect(R"({"check": {"a": [null]}})", "/check/a/0 is null");
  expect(R"({"train": {"a": 1, "a": 2}})", "/train/a is there twice");
  expect(R"({"train": {}, "train": {}})", "/train is there twice");
  EXPECT_THAT([&] { gather_config("train", defaults, {.sets = {R"(/train/d={"x":1,"x":2})"}}); },
              ThrowsMessage<ConfigError>(HasSubstr("/x is there twice")));
}

TEST_F(Config, WhatIsWrittenCanBeReadBack) {
  TrainConfig config;
  config.dataset = "images";
  config.output = "m.safetensors";
  config.schedule.learning_rate = 0.1;
  write_config(file_, "train", train_fields().write(config));
  const Json read = gather_config("train", train_fields().write({}), {.file = file_.string()});
  EXPECT_EQ(train_fields().write(train_fields().read(read, "/train")),
            train_fields().write(config));
}

TEST_F(Config, TrainConfigNamesWhatIsOutOfRange) {
  const auto with = [](const std::string& key, const Json& value) {
    Json json = train_fields().write({});
    json["dataset"] = "images";
    json["output"] = "m.safetensors";
    json[Json::json_pointer(key)] = value;
    return json;
  };
  EXPECT_NO_THROW(train_fields().read(with("/epochs", 1), "/train"));
  const std::vector<std::pair<std::string, Json>> wrong{{"/epochs", 0},
                                                        {"/batch_size", 0},
                                                        {"/patience", -1},
                                                        {"/folds", 1},
                                                        {"/fold", 1},
                                                        {"/input_size", 8},
                                                        {"/dropout", 1},
                                                        {"/output", "m.bin"},
                                                        {"/dataset", ""},
                                                        {"/loader_threads", 0},
                                                        {"/epochs", 1.5},
                                                        {"/schedule/factor", 2},
                                                        {"/optimizer/kind", "magic"},
                                                        {"/augmentation/max_zoom", -1},
                                                        {"/unknown", 1}};
  for (const auto& [key, value] : wrong)
    EXPECT_THAT(
        ([&, &key = key, &value = value] { train_fields().read(with(key, value), "/train"); }),
        ThrowsMessage<ConfigError>(HasSubstr("/train" + key)));
}

}  // namespace
}  // namespace steelsight::config_test
