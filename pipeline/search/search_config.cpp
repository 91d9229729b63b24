#include "pipeline/search/search_config.hpp"

#include <algorithm>
#include <array>

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
    const TrainConfig read = train_config_from_json(train);
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

void check(const SearchConfig& c) {
  if (c.dataset.empty()) throw ConfigError("/search/dataset is missing: a folder or list");
  if (c.output.empty()) throw ConfigError("/search/output is missing: a folder");
  if (c.folds != 0 && (c.folds < 2 || c.folds > 1000))
    throw ConfigError("/search/folds is " + std::to_string(c.folds) +
                      ", expected 2 to 1000, or 0 for one division by shares");
  if (c.parallel > kMostParallel)
    throw ConfigError("/search/parallel is " + std::to_string(c.parallel) + ", expected 0 to " +
                      std::to_string(kMostParallel));
}

// The seed may be varied: how much of a difference is luck?
void check_pointer(const std::string& pointer) {
  const std::string key = pointer.substr(1, pointer.find('/', 1) - 1);
  if (key != "seed") refuse_own_key(key, "/search/grid: " + pointer);
}

}  // namespace

SearchConfig search_config_from_json(const Json& json) {
  JsonObject object(json, "/search");
  SearchConfig c;
  object.read("dataset", c.dataset);
  object.read("output", c.output);
  object.read("folds", c.folds);
  object.read("parallel", c.parallel);
  object.read("keep_models", c.keep_models);
  object.read("seed", c.seed);
  check(c);
  const Json* grid = object.find("grid");
  if (grid == nullptr)
    throw ConfigError("/search/grid is missing: {\"grid\": {\"/dropout\": [0, 0.2]}}");
  c.grid = search_grid_from_json(*grid, "/search/grid");
  c.train = read_common(object, c);
  object.finish();
  trials_of(c);
  return c;
}

Json to_json(const SearchConfig& c) {
  Json train = to_json(c.train);
  for (const char* key : kOwnKeys) train.erase(key);
  return Json{{"dataset", c.dataset}, {"output", c.output},     {"grid", to_json(c.grid)},
              {"folds", c.folds},     {"parallel", c.parallel}, {"keep_models", c.keep_models},
              {"seed", c.seed},       {"train", train}};
}

std::vector<Trial> trials_of(const SearchConfig& config) {
  for (const VariedKey& key : config.grid.keys) check_pointer(key.pointer);
  std::vector<Trial> trials;
  for (Settings& settings : settings_of_trials(config.grid, config.seed)) {
    const std::string trial = "/search/grid, trial " + std::to_string(trials.size() + 1) + ": ";
    Json train = to_json(config.train);
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
