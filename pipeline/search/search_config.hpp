#pragma once
// What `search` is told, and the trials that follow from it.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "pipeline/search/search_grid.hpp"
#include "pipeline/train/train_config.hpp"

namespace steelsight {

struct SearchConfig {
  std::string dataset;
  std::string output;  // folder
  SearchGrid grid;
  // What the trials have in common; in JSON without the keys that are the search's own: dataset,
  // output, report, split, folds, fold, seed, resume.
  TrainConfig train;
  std::int64_t folds = 3;    // runs a trial, each tested on another fold; 0: one, divided by the
                             // shares train.validation and train.test
  std::size_t parallel = 0;  // runs at once, each on one thread; 0: one for every core
  bool keep_models = false;  // false: the models of runs are removed
  std::uint64_t seed = 0;    // for the draws, the folds and the training
};

// Strict. Throws ConfigError with the path of what is wrong; so does a trial whose settings `train`
// doesn't know or accept, before anything runs.
const Fields<SearchConfig>& search_fields();
// Strict. Throws ConfigError with the path of what is wrong.
SearchConfig search_config_from_json(const Json& json);
Json to_json(const SearchConfig& config);

// A trial of the search, without what differs from fold to fold.
struct Trial {
  Settings settings;
  TrainConfig config;
};
// In the order of settings_of_trials; trial 1 is the first. Throws ConfigError.
std::vector<Trial> trials_of(const SearchConfig& config);

}  // namespace steelsight
