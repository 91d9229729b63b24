#include "core/json_object.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steelsight::json_object_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(JsonObject, ReadsValuesAndKeepsDefaults) {
  const Json json =
      parse_json(R"({"epochs": 3, "rate": 0.5, "name": "x", "on": true, "list": [1, 2]})", "test");
  int epochs = 1, missing = 7;
  float rate = 0;
  std::string name;
  bool on = false;
  std::vector<int> list;
  JsonObject object(json, "");
  EXPECT_TRUE(object.read("epochs", epochs));
  EXPECT_FALSE(object.read("missing", missing));
  object.read("rate", rate);
  object.read("name", name);
  object.read("on", on);
  object.read("list", list);
  EXPECT_NO_THROW(object.finish());
  EXPECT_EQ(epochs, 3);
  EXPECT_EQ(missing, 7);
  EXPECT_EQ(rate, 0.5f);
  EXPECT_EQ(name, "x");
  EXPECT_TRUE(on);
  EXPECT_EQ(list, (std::vector<int>{1, 2}));
}

TEST(JsonObject, NamesTheUnknownKeyWithItsPath) {
  const Json json = parse_json(R"({"epoch": 3})", "test");
  JsonObject object(json, "/train");
  int epochs = 1;
  object.read("epochs", epochs);
  EXPECT_THAT([&] { object.finish(); }, ThrowsMessage<ConfigError>(HasSubstr("/train/epoch ")));
}

TEST(JsonObject, RefusesWrongTypesAndRanges) {
  const Json json = parse_json(
      R"({"text": "3", "negative": -1, "real": 1.5, "big": 4294967296, "huge": 1e300,
          "list": [1, "x"]})",
      "test");
  JsonObject object(json, "");
  int integer;
  unsigned natural;
  float real;
  bool boolean;
  std::vector<int> list;
  EXPECT_THROW(object.read("text", integer), ConfigError);
  EXPECT_THROW(object.read("text", real), ConfigError);
  EXPECT_THROW(object.read("negative", natural), ConfigError);
  EXPECT_THROW(object.read("negative", boolean), ConfigError);
  EXPECT_THROW(object.read("real", integer), ConfigError);
  EXPECT_THROW(object.read("big", integer), ConfigError);
  EXPECT_THROW(object.read("huge", real), ConfigError);
  EXPECT_THAT([&] { object.read("list", list); },
              ThrowsMessage<ConfigError>(HasSubstr("/list/1 is \"x\"")));
  EXPECT_THROW(object.require<int>("missing"), ConfigError);
}

TEST(JsonObject, RefusesWhatIsNotAnObject) {
  const Json json = parse_json("[1]", "test");
  EXPECT_THROW(JsonObject(json, ""), ConfigError);
  EXPECT_THROW(parse_json("{", "run.json"), ConfigError);
  EXPECT_THROW(parse_json(std::string(200000, '['), "run.json"), ConfigError);
}

TEST(ParseJson, NamesTheKeyThatIsThereTwice) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"a": 1, "a": 1})", "run.json: /a is there twice"},
      {R"({"a": {"b": 1}, "c": [{}, [], 3, {"b": 1, "b": 2}]})", "run.json: /c/3/b is there twice"},
      {R"([[{"x": {"y": 1}, "x": null}]])", "/0/0/x is there twice"},
      {R"({"a": 1, "\u0061": 2})", "/a is there twice"},
  };
  for (const auto& c : cases)
    EXPECT_THAT([&] { parse_json(c.first, "run.json"); },
                ThrowsMessage<ConfigError>(HasSubstr(c.second)));
  EXPECT_NO_THROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]})", ""));
}

TEST(ParseJson, SaysWhatAFileIsThatIsNoText) {
  EXPECT_THAT([] { parse_json("PK\3\4", "run.json"); },
              ThrowsMessage<ConfigError>(HasSubstr("run.json: not valid JSON: it is a ZIP")));
  EXPECT_THAT([] { parse_json("", "run.json"); }, ThrowsMessage<ConfigError>(HasSubstr("empty")));
}

TEST(ParseJson, RefusesNumbersThatAreNone) {
  for (const char* text : {"NaN", "Infinity", "-inf", "1e400", "-1e400"})
    EXPECT_THROW(parse_json(text, ""), ConfigError) << text;
}

}  // namespace
}  // namespace steelsight::json_object_test
