#include "core/fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "core/value_checks.hpp"

namespace steelsight::fields_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

enum class Colour { gray, rgb };
constexpr NamedValue<Colour> kColours[] = {{Colour::gray, "gray"}, {Colour::rgb, "rgb"}};

struct Part {
  double rate = 0.5;
  bool on = false;
};

struct Config {
  std::string name;
  std::int64_t epochs = 3;
  std::vector<int> sizes = {1, 8};
  Colour colour = Colour::gray;
  Part shared = {};  // its keys are the struct's own
  Part below = {};   // an object of its own
};

const Fields<Part>& part_fields() {
  using C = Part;
  static const Fields<C> fields({
      {"rate", &C::rate, {"--rate", "", "A rate"}, share_below_one()},
      {"on", &C::on, {"--on", "", "A switch"}},
  });
  return fields;
}

Part part_from_json(const Json& json, const std::string& path) {
  return part_fields().read(json, path);
}

Json to_json(const Part& part) {
  return part_fields().write(part);
}

const Fields<Config>& config_fields() {
  using C = Config;
  static const Fields<C> fields(
      {
          {"name", &C::name, {"name", "NAME", "What it is called"}, required("a name")},
          {"epochs", &C::epochs, {"--epochs", "", "Passes"}, between(1, 10)},
          {"sizes", &C::sizes, {}, each(at_least(1))},
          {"colour", &C::colour, kColours, {"--colour", "COLOUR", "gray or rgb"}},
          {&C::shared, part_fields()},
          {"below", &C::below, part_from_json},
      },
      [](C& config, const std::string& path) {
        if (config.name == "twice" && config.epochs == 1)
          throw ConfigError(path + ": one epoch is not twice");
      });
  return fields;
}

Config read(const Json& json) {
  return config_fields().read(json, "/test");
}

void expect_error(const Json& json, const std::string& message) {
  EXPECT_THAT([&] { read(json); }, ThrowsMessage<ConfigError>(HasSubstr(message))) << json;
}

TEST(Fields, WritesEveryKeyInTheOrderOfTheTable) {
  EXPECT_EQ(config_fields().write({.name = "a"}).dump(),
            R"({"name":"a","epochs":3,"sizes":[1,8],"colour":"gray","rate":0.5,"on":false,)"
            R"("below":{"rate":0.5,"on":false}})");
}

TEST(Fields, ReadsWhatItWrote) {
  const Config all{.name = "b",
                   .epochs = 10,
                   .sizes = {4},
                   .colour = Colour::rgb,
                   .shared = {.rate = 0.25, .on = true},
                   .below = {.rate = 0, .on = true}};
  const Json json = config_fields().write(all);
  EXPECT_EQ(config_fields().write(read(json)), json);
}

TEST(Fields, KeysThatAreAbsentKeepTheirValues) {
  const Config config = config_fields().read({{"on", true}}, "/test", {.name = "c", .epochs = 7});
  EXPECT_EQ(config.name, "c");
  EXPECT_EQ(config.epochs, 7);
  EXPECT_TRUE(config.shared.on);
  EXPECT_FALSE(config.below.on);
}

TEST(Fields, ErrorsNameThePathAndTheValue) {
  expect_error(Json::object(), "/test/name is missing: a name");
  expect_error({{"name", 3}}, "/test/name is 3, expected a text");
  expect_error({{"name", "a"}, {"epochs", 11}}, "/test/epochs is 11, expected 1 to 10");
  expect_error({{"name", "a"}, {"epochs", 0}}, "/test/epochs is 0, expected 1 to 10");
  expect_error({{"name", "a"}, {"sizes", {2, 0}}},
               "/test/sizes has an entry that is 0, expected 1 or more");
  expect_error({{"name", "a"}, {"sizes", Json::array()}}, "/test/sizes is empty");
  expect_error({{"name", "a"}, {"colour", "blue"}}, "expected one of gray, rgb");
  expect_error({{"name", "a"}, {"rate", 1}}, "/test/rate is 1, expected 0 or more and less than 1");
  expect_error({{"name", "a"}, {"below", {{"rate", -0.5}}}}, "/test/below/rate is -0.5");
  expect_error({{"name", "a"}, {"below", {{"rat", 0.5}}}}, "/test/below/rat is not known");
  expect_error({{"name", "a"}, {"epoch", 1}}, "/test/epoch is not known");
  expect_error({{"name", "twice"}, {"epochs", 1}}, "/test: one epoch is not twice");
}

TEST(Fields, DescribeTheKeysForTheCommandLine) {
  std::string text;
  for (const KeyDescription& key : config_fields().keys())
    text += key.pointer + " " + std::to_string(static_cast<int>(key.kind)) + " " +
            key.option.names + "\n";
  EXPECT_EQ(text,
            "/name 0 name\n/epochs 1 --epochs\n/sizes 4 \n/colour 0 --colour\n/rate 1 --rate\n"
            "/on 2 --on\n/below 5 \n");
}

TEST(ValueChecks, SayWhatWasExpected) {
  EXPECT_EQ(between(1, 8)(1), "");
  EXPECT_EQ(between(1, 8)(8), "");
  EXPECT_EQ(between(0, 8, "0: off")(9), " is 9, expected 0 to 8 (0: off)");
  EXPECT_EQ(at_least(0, "off")(-1), " is -1, expected 0 (off) or more");
  EXPECT_EQ(more_than(0)(0.0), " is 0, expected more than 0");
  EXPECT_EQ(more_than_up_to(0, 1)(1.5), " is 1.5, expected more than 0 and at most 1");
  EXPECT_EQ(more_than_up_to(0, 1)(1.0), "");
  EXPECT_EQ(share_below_one()(1.0), " is 1, expected 0 or more and less than 1");
  EXPECT_EQ(one_of("a", "b", "c")("d"), " is \"d\", expected a, b or c");
  EXPECT_EQ(one_of("a", "b")("b"), "");
  EXPECT_EQ(model_file()("m.safetensors"), "");
  EXPECT_EQ(model_file()("m.h5"), " is \"m.h5\", expected a file name that ends in .safetensors");
}

}  // namespace
}  // namespace steelsight::fields_test
