#include "pipeline/search/search_grid.hpp"

#include <algorithm>
#include <cmath>

#include "core/content_hash.hpp"
#include "core/name_table.hpp"
#include "core/random.hpp"
#include "core/seed_tags.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

constexpr std::int64_t kMostTrials = 10000;

using Kind = VariedKey::Kind;
constexpr NamedValue<Kind> kKinds[] = {
    {Kind::list, "choice"}, {Kind::uniform, "uniform"}, {Kind::log_uniform, "log_uniform"}};

std::vector<Json> values_from_json(const Json& json, const std::string& path) {
  if (!json.is_array() || json.empty())
    throw ConfigError(path + " is " + json.dump() + ", expected a list of values to try");
  for (std::size_t i = 0; i < json.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (json[i] == json[k])
        throw ConfigError(path + " has the value " + json[i].dump() + " twice");
  return {json.begin(), json.end()};
}

VariedKey range_from_json(Kind kind, const Json& json, const std::string& path) {
  const bool logarithmic = kind == Kind::log_uniform;
  const auto fail = [&] {
    throw ConfigError(path + " is " + json.dump() + ", expected [low, high] with " +
                      (logarithmic ? "0 < low < high" : "low < high"));
  };
  if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) fail();
  VariedKey key{.pointer = {},
                .kind = kind,
                .values = {},
                .low = json[0].get<double>(),
                .high = json[1].get<double>()};
  if (!(key.low < key.high) || !std::isfinite(key.high - key.low) || (logarithmic && key.low <= 0))
    fail();
  return key;
}

// {"log_uniform": [low, high]}, {"uniform": ...} or {"choice": [...]}
VariedKey drawn_key_from_json(const Json& json, const std::string& path) {
  if (!json.is_object() || json.size() != 1)
    throw ConfigError(path + " is " + json.dump() +
                      ", expected one of uniform, log_uniform or choice, as in "
                      "{\"uniform\": [0, 0.5]}");
  const std::string& name = json.begin().key();
  const Kind kind = value_of(kKinds, name, path);
  const std::string below = path + "/" + name;
  if (kind != Kind::list) return range_from_json(kind, json.front(), below);
  return {.pointer = {}, .kind = kind, .values = values_from_json(json.front(), below)};
}

std::vector<VariedKey> keys_from_json(const Json& json, const std::string& path, bool drawn) {
  if (!json.is_object() || json.empty())
    throw ConfigError(path + " is " + json.dump() + ", expected an object of keys to vary");
  std::vector<VariedKey> keys;
  for (const auto& [pointer, value] : json.items()) {
    const std::string where = path + ": " + pointer;
    if (pointer.size() < 2 || pointer[0] != '/')
      throw ConfigError(where + ": expected a key of train with a slash, as /dropout");
    for (const VariedKey& other : keys)
      if (pointer.starts_with(other.pointer + "/") || other.pointer.starts_with(pointer + "/"))
        throw ConfigError(where + " and " + other.pointer + " lie in each other: vary one of them");
    VariedKey key = drawn ? drawn_key_from_json(value, where)
                          : VariedKey{.pointer = {}, .values = values_from_json(value, where)};
    key.pointer = pointer;
    keys.push_back(std::move(key));
  }
  return keys;
}

void check_combinations(const std::vector<VariedKey>& keys, const std::string& path) {
  std::size_t trials = 1;
  for (const VariedKey& key : keys) {
    trials *= key.values.size();
    if (trials > static_cast<std::size_t>(kMostTrials))
      throw ConfigError(path + " has more than " + std::to_string(kMostTrials) +
                        " combinations: vary less, or draw some of them with \"random\"");
  }
}

Json draw(const VariedKey& key, Random random) {
  if (!key.is_range()) return key.values[random.below(key.values.size())];
  const double share = std::ldexp(static_cast<double>(random.next64() >> 11), -53);
  const auto between = [share](double low, double high) { return low + share * (high - low); };
  const double value = key.kind == Kind::uniform
                           ? between(key.low, key.high)
                           : std::exp(between(std::log(key.low), std::log(key.high)));
  return std::clamp(rounded_to_digits(value, 3), key.low, key.high);
}

std::vector<Settings> combinations(const std::vector<VariedKey>& keys) {
  std::vector<Settings> all{{}};
  for (const VariedKey& key : keys) {
    std::vector<Settings> longer;
    for (const Settings& begun : all)
      for (const Json& value : key.values) {
        longer.push_back(begun);
        longer.back().push_back(value);
      }
    all = std::move(longer);
  }
  return all;
}

}  // namespace

SearchGrid search_grid_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  SearchGrid grid;
  const Json* combined = object.find("grid");
  const Json* drawn = object.find("random");
  if ((combined == nullptr) == (drawn == nullptr))
    throw ConfigError(path + ": expected either \"grid\" or \"random\" with the keys to vary");
  if (drawn != nullptr) {
    grid.draws = object.require<std::int64_t>("trials");
    if (grid.draws < 1 || grid.draws > kMostTrials)
      throw ConfigError(path + "/trials is " + std::to_string(grid.draws) + ", expected 1 to " +
                        std::to_string(kMostTrials));
    grid.keys = keys_from_json(*drawn, path + "/random", true);
  } else {
    grid.keys = keys_from_json(*combined, path + "/grid", false);
    check_combinations(grid.keys, path + "/grid");
  }
  object.finish();
  return grid;
}

Json to_json(const SearchGrid& grid) {
  if (grid.keys.empty()) return Json::object();
  Json keys = Json::object();
  for (const VariedKey& key : grid.keys) {
    const Json values = key.is_range() ? Json{key.low, key.high} : Json(key.values);
    keys[key.pointer] = grid.draws == 0 ? values : Json{{name_of(kKinds, key.kind), values}};
  }
  if (grid.draws == 0) return {{"grid", keys}};
  return {{"random", keys}, {"trials", grid.draws}};
}

std::vector<Settings> settings_of_trials(const SearchGrid& grid, std::uint64_t seed) {
  if (grid.draws == 0) return combinations(grid.keys);
  const Random root = Random(seed).child(seed_tag::kSearch);
  std::vector<Settings> all(static_cast<std::size_t>(grid.draws));
  for (std::size_t trial = 0; trial < all.size(); ++trial)
    for (const VariedKey& key : grid.keys) {
      const std::uint64_t tag = content_hash(key.pointer.data(), key.pointer.size());
      all[trial].push_back(draw(key, root.child(trial).child(tag)));
    }
  return all;
}

std::string setting_text(const Json& value) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    if (!Json::accept(text)) return text;
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace steelsight
