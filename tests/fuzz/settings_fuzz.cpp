// The values of --set, one in each line, for a search: its grid is set by them too.
#include <sstream>

#include "pipeline/command/config.hpp"
#include "pipeline/search/search.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

// Thousands of trials are allowed, and would take the fuzzer's time.
bool is_small(const Json& config) {
  constexpr std::size_t kMostTrials = 20;
  const auto grid = fuzzing::read_or_refuse<ConfigError>(
      [&] { return search_grid_from_json(config.value("grid", Json()), "/grid"); });
  return !grid || settings_of_trials(*grid, 0).size() <= kMostTrials;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ConfigSources sources;
  std::istringstream lines{std::string(fuzzing::text_of(data, size))};
  for (std::string line; std::getline(lines, line);) sources.sets.push_back(line);
  const Json defaults{{"dataset", "set"}, {"output", "search"}, {"grid", Json::object()}};
  const auto json = fuzzing::read_or_refuse<ConfigError>(
      [&] { return gather_config("search", defaults, sources); });
  if (!json || !json->is_object() || !is_small(*json)) return 0;
  const auto config =
      fuzzing::read_or_refuse<ConfigError>([&] { return search_config_from_json(*json); });
  if (!config) return 0;
  for (const Trial& trial : trials_of(*config))
    fuzzing::require(trial.settings.size() == config->grid.keys.size(), "a value for each key");
  return 0;
}
