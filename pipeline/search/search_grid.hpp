#pragma once
// What a search tries: the keys of `train` that it varies, and the values of each trial. As JSON,
// every combination of some values
//   {"grid": {"/schedule/learning_rate": [1e-3, 2e-3], "/optimizer/weight_decay": [0, 0.01]}}
// or so many random draws
//   {"random": {"/schedule/learning_rate": {"log_uniform": [1e-4, 1e-1]},
//               "/dropout": {"uniform": [0, 0.5]}, "/batch_size": {"choice": [8, 16]}},
//    "trials": 20}
// A key is a JSON pointer below the section `train`; a value may be any JSON.
#include <cstdint>
#include <string>
#include <vector>

#include "core/json_object.hpp"

namespace steelsight {

struct VariedKey {
  enum class Kind { list, uniform, log_uniform };

  std::string pointer;  // "/schedule/learning_rate"
  Kind kind = Kind::list;
  std::vector<Json> values;  // list: in their order, each once
  double low = 0, high = 1;  // the ends of a range

  bool is_range() const { return kind != Kind::list; }
};

struct SearchGrid {
  std::vector<VariedKey> keys;  // at least one
  std::int64_t draws = 0;       // random trials; 0: every combination
};

// Strict. Throws ConfigError with the path of what is wrong: no keys, no values, a value twice, a
// range that is empty (for log_uniform: not positive), a key inside another, more than 10000
// trials. Whether `train` knows a key is not looked at here.
SearchGrid search_grid_from_json(const Json& json, const std::string& path);
Json to_json(const SearchGrid& grid);

// A value for each key.
using Settings = std::vector<Json>;

// The settings of every trial. Combinations: the last key changes fastest. Random: a draw depends
// on the seed, the trial's number and the key alone, so that more trials, or another key, leave
// those before as they are. Numbers from a range have three significant digits, as a user would try
// them.
std::vector<Settings> settings_of_trials(const SearchGrid& grid, std::uint64_t seed);

// A value as `--set` reads it back: JSON, or a text as it is where that is not JSON.
std::string setting_text(const Json& value);

}  // namespace steelsight
