#include "pipeline/search/search_grid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace steelsight::search_grid_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

SearchGrid read(const std::string& text) {
  return search_grid_from_json(parse_json(text, "grid.json"), "/search/grid");
}

constexpr const char* kRandom = R"({"random": {"/a": {"log_uniform": [1e-4, 1e-1]},
    "/b": {"uniform": [0, 0.5]}, "/c": {"choice": [8, 16, "x"]}}, "trials": 200})";

TEST(SearchGrid, CombinesEveryValueWithEveryOther) {
  const SearchGrid grid = read(R"({"grid": {"/a": [1, 2], "/b/c": ["x", null, [3, 4]]}})");
  const Json x = "x", none, list = Json::parse("[3, 4]");
  EXPECT_THAT(settings_of_trials(grid, 0),
              ElementsAre(Settings{1, x}, Settings{1, none}, Settings{1, list}, Settings{2, x},
                          Settings{2, none}, Settings{2, list}));
}

TEST(SearchGrid, IsWrittenAsItWasRead) {
  for (const char* text : {R"({"grid": {"/a": [0.001, 2], "/b/c": ["x", [3]]}})", kRandom}) {
    const Json json = to_json(read(text));
    EXPECT_EQ(json, Json::parse(text));
    EXPECT_EQ(to_json(search_grid_from_json(json, "")), json);
  }
}

TEST(SearchGrid, DrawsLieInTheirRanges) {
  const std::vector<Settings> trials = settings_of_trials(read(kRandom), 7);
  ASSERT_EQ(trials.size(), 200u);
  std::size_t below_the_middle = 0, sixteens = 0;
  double sum = 0;
  for (const Settings& settings : trials) {
    const double a = settings[0].get<double>(), b = settings[1].get<double>();
    EXPECT_GE(a, 1e-4);
    EXPECT_LE(a, 1e-1);
    EXPECT_GE(b, 0);
    EXPECT_LE(b, 0.5);
    below_the_middle += a < std::sqrt(1e-4 * 1e-1);
    sum += b;
    sixteens += settings[2] == 16;
    EXPECT_LE(setting_text(settings[0]).size(), 8u);  // three digits: 0.000123 or 1.23e-05
  }
  // Five standard deviations of a binomial, of a mean of uniform numbers, of a binomial.
  EXPECT_NEAR(static_cast<double>(below_the_middle), 100, 5 * std::sqrt(200 * 0.25));
  EXPECT_NEAR(sum / 200, 0.25, 5 * 0.5 / std::sqrt(12.0 * 200));
  EXPECT_NEAR(static_cast<double>(sixteens), 200 / 3.0, 5 * std::sqrt(200 * 2 / 9.0));
}

TEST(SearchGrid, DrawsDependOnSeedTrialAndKeyAlone) {
  const auto draws = [](const char* text, std::uint64_t seed) {
    return settings_of_trials(read(text), seed);
  };
  constexpr const char* kOne = R"({"random": {"/b": {"uniform": [0, 0.5]}}, "trials": 5})";
  EXPECT_EQ(draws(kRandom, 7), draws(kRandom, 7));
  EXPECT_NE(draws(kRandom, 7), draws(kRandom, 8));
  const std::vector<Settings> many = draws(kRandom, 7), one = draws(kOne, 7);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i][0], many[i][1]) << i;
}

TEST(SearchGrid, RefusesWhatItCanNotTry) {
  const std::pair<const char*, const char*> bad[] = {
      {"[]", "/search/grid is [], expected an object"},
      {"{}", "expected either \"grid\" or \"random\""},
      {R"({"grid": {"/a": [1]}, "random": {"/a": {"choice": [1]}}, "trials": 1})", "either"},
      {R"({"grid": {}})", "/search/grid/grid is {}, expected an object of keys"},
      {R"({"grid": {"a": [1]}})", "with a slash"},
      {R"({"grid": {"/": [1]}})", "with a slash"},
      {R"({"grid": {"/a": 1}})", "/search/grid/grid: /a is 1, expected a list"},
      {R"({"grid": {"/a": []}})", "expected a list"},
      {R"({"grid": {"/a": [1, 2, 1.0]}})", "twice"},
      {R"({"grid": {"/a": [1], "/a/b": [2]}})", "lie in each other"},
      {R"({"grid": {"/a": [1]}, "trials": 3})", "/search/grid/trials is not known"},
      {R"({"random": {"/a": {"choice": [1]}}})", "/search/grid/trials is missing"},
      {R"({"random": {"/a": {"choice": [1]}}, "trials": 0})", "expected 1 to"},
      {R"({"random": {"/a": [1, 2]}, "trials": 3})", "expected one of uniform"},
      {R"({"random": {"/a": {"normal": [0, 1]}}, "trials": 3})",
       "\"normal\", expected one of choice, uniform, log_uniform"},
      {R"({"random": {"/a": {"uniform": [1, 1]}}, "trials": 3})", "low < high"},
      {R"({"random": {"/a": {"uniform": [1]}}, "trials": 3})", "low < high"},
      {R"({"random": {"/a": {"uniform": ["0", 1]}}, "trials": 3})", "low < high"},
      {R"({"random": {"/a": {"log_uniform": [0, 1]}}, "trials": 3})", "0 < low < high"}};
  for (const auto& [text, message] : bad)
    EXPECT_THAT([&text = text] { read(text); }, ThrowsMessage<ConfigError>(HasSubstr(message)))
        << text;
}

TEST(SearchGrid, RefusesTooManyCombinations) {
  Json keys = Json::object();
  for (const char* key : {"/a", "/b", "/c", "/d", "/e"})
    for (int i = 0; i < 10; ++i) keys[key].push_back(i);
  EXPECT_THAT(
      [&] {
        search_grid_from_json({{"grid", keys}}, "");
      },
      ThrowsMessage<ConfigError>(HasSubstr("more than 10000 combinations")));
}

TEST(SettingText, IsWhatSetReadsBack) {
  EXPECT_EQ(setting_text(0.001), "0.001");
  EXPECT_EQ(setting_text("vgg16"), "vgg16");
  EXPECT_EQ(setting_text("5"), "\"5\"");  // else it would become a number
  EXPECT_EQ(setting_text(true), "true");
  EXPECT_EQ(setting_text(Json::parse("[64, 32]")), "[64,32]");
  EXPECT_EQ(setting_text(nullptr), "null");
}

}  // namespace
}  // namespace steelsight::search_grid_test
