#include "pipeline/search/search_config.hpp"

#include <algorithm>
#include <array>

#include "core/value_checks.hpp"

namespace steelsight {
namespace {

constexpr std::array<const char*, 8> kOwnKeys{"dataset", "output", "report", "split",
                                              "folds",   "fold",   "resume", "seed"};
constexpr std::size_t kMostParallel = 1024;

void refuse_own_key(const std::string& key, const std::string& where) {
  if (std::ranges::find(kOwnKeys, key) != kOwnKeys.end())
    throw ConfigError(where + ": the search itself sets " + key + " for each run");
}

// `train` with what a search sets for all of its runs; errors begin with `where`.
TrainConfig complete(Json train, const SearchConfig& config, const std::string& where) {
  train["dataset"] = config.dataset;
  train["output"] = "model.safetensors";
  train["folds"] = config.folds;
  try {
    TrainConfig read = train_fields().read(train, "/train");
    if (read.validation <= 0)
      throw ConfigError("/train/validation is 0, expected more: trials are chosen by it");
    return read;
  } catch (const ConfigError& error) {
    throw ConfigError(where + error.what());
  }
}

TrainConfig read_common(JsonObject& object, const SearchConfig& config) {
  const Json* found = object.find("train");
  if (found != nullptr && !found->is_object())
    throw ConfigError("/search/train is " + found->dump() + ", expected an object");
  Json common = found != nullptr ? *found : Json::object();
  for (const auto& [key, value] : common.items()) refuse_own_key(key, "/search/train/" + key);
  common["seed"] = config.seed;
  return complete(common, config, "/search");
}

// The seed may be varied: how much of a difference is luck?
void check_pointer(const std::string& pointer) {
  const std::string key = pointer.substr(1, pointer.find('/', 1) - 1);
  if (key != "seed") refuse_own_key(key, "/search/grid: " + pointer);
}

}  // namespace

// All fields but `train`, whose reading depends on the others.
const Fields<SearchConfig>& search_fields() {
  using C = SearchConfig;
  static const Fields<C> fields(
      {
          {"dataset",
           &C::dataset,
           {"dataset", "DATASET", "As for train"},
           required("a folder or list")},
          {"output",
           &C::output,
           {"-o,--output", "DIR", "Folder to write to"},
           required("a folder")},
          {"grid",
           &C::grid,
           search_grid_from_json,
           {"--grid", "GRID", "JSON file with what to vary"}},
          {"folds",
           &C::folds,
           {"--folds", "",
            "Runs a trial, each tested on another fold; 0: one run, divided by shares"},
           between(0, 1000, "0: one division by shares")},
          {"parallel", &C::parallel, {}, between(std::size_t{0}, kMostParallel)},
          {"keep_models",
           &C::keep_models,
           {"--keep-models", "", "Do not remove the models of runs"}},
          {"seed", &C::seed},
      },
      [](C& c, const std::string& path) {
        if (c.folds == 1) throw ConfigError(path + "/folds is 1, expected 0, or 2 to 1000");
        if (c.grid.keys.empty())
          throw ConfigError(path + "/grid is missing: {\"grid\": {\"/dropout\": [0, 0.2]}}");
      });
  return fields;
}

SearchConfig search_config_from_json(const Json& json) {
  JsonObject object(json, "/search");
  SearchConfig c;
  search_fields().read(object, c);
  c.train = read_common(object, c);
  object.finish();
  trials_of(c);
  return c;
}

Json to_json(const SearchConfig& c) {
  Json json = search_fields().write(c);
  json["train"] = train_fields().write(c.train);
  for (const char* key : kOwnKeys) json["train"].erase(key);
  return json;
}

std::vector<Trial> trials_of(const SearchConfig& config) {
  for (const VariedKey& key : config.grid.keys) check_pointer(key.pointer);
  std::vector<Trial> trials;
  for (Settings& settings : settings_of_trials(config.grid, config.seed)) {
    const std::string trial = "/search/grid, trial " + std::to_string(trials.size() + 1) + ": ";
    Json train = train_fields().write(config.train);
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const std::string& pointer = config.grid.keys[i].pointer;
      try {
        train[Json::json_pointer(pointer)] = settings[i];
      } catch (const Json::exception&) {
        throw ConfigError(trial + pointer + " leads nowhere in the configuration of train");
      }
    }
    trials.push_back({std::move(settings), complete(std::move(train), config, trial)});
  }
  return trials;
}

}  // namespace steelsight
