#include "pipeline/search/search_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/atomic_file.hpp"
#include "datasets/csv.hpp"
#include "evaluation/number_text.hpp"
#include "models/error.hpp"
#include "pipeline/search/search_figures.hpp"

namespace steelsight {
namespace {

std::vector<std::string> pointers_of(const SearchGrid& grid) {
  std::vector<std::string> pointers;
  for (const VariedKey& key : grid.keys) pointers.push_back(key.pointer);
  return pointers;
}

void write_summary(const fs::path& file, const SearchGrid& grid,
                   const std::vector<TrialSummary>& trials) {
  std::vector<std::string> header{"trial"};
  for (const VariedKey& key : grid.keys) header.push_back(key.pointer);
  for (const char* name : {"folds", "failed"}) header.push_back(name);
  for (const TrialPart& part : kTrialParts)
    for (const char* what : {"_mean", "_std"}) header.push_back(std::string(part.name) + what);
  header.push_back("seconds");
  std::string text = csv_row(header);
  for (const TrialSummary& trial : trials) {
    std::vector<std::string> cells{std::to_string(trial.trial)};
    cells.insert(cells.end(), trial.values.begin(), trial.values.end());
    cells.push_back(std::to_string(trial.folds));
    cells.push_back(std::to_string(trial.failed));
    for (const TrialPart& part : kTrialParts) {
      const std::optional<Spread>& spread = trial.*part.spread;
      cells.push_back(spread ? number_text(spread->mean) : "nan");
      cells.push_back(spread ? number_text(spread->deviation) : "nan");
    }
    cells.push_back(number_text(trial.seconds));
    text += csv_row(cells);
  }
  write_file(file, text);
}

Json to_json(const std::optional<Spread>& spread) {
  if (!spread) return nullptr;
  return {{"mean", spread->mean},
          {"std", std::isnan(spread->deviation) ? Json() : Json(spread->deviation)}};
}

Json to_json(const TrialSummary& trial, const SearchGrid& grid, const Settings& settings) {
  Json values = Json::object();
  for (std::size_t i = 0; i < settings.size(); ++i) values[grid.keys[i].pointer] = settings[i];
  Json json{{"trial", trial.trial},
            {"settings", values},
            {"folds", trial.folds},
            {"failed", trial.failed}};
  for (const TrialPart& part : kTrialParts) json[part.name] = to_json(trial.*part.spread);
  json["seconds"] = trial.seconds;
  return json;
}

// Quoted for a shell where it must be.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=+:,@%").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// " --set /train/KEY=VALUE" for each value, not each object, in which the two differ.
std::string sets_of(const Json& config, const Json& defaults, const std::string& path) {
  std::string sets;
  for (const auto& [key, value] : config.items()) {
    const std::string here = path + "/" + key;
    const bool known = defaults.contains(key);
    if (known && value == defaults.at(key)) continue;
    if (value.is_object() && known && defaults.at(key).is_object())
      sets += sets_of(value, defaults.at(key), here);
    else
      sets += " --set " + shell_word(here + "=" + setting_text(value));
  }
  return sets;
}

std::string spread_text(const Spread& spread) {
  return percent_text(spread.mean, 2) +
         (std::isnan(spread.deviation)
              ? ""
              : ", standard deviation " + fixed_text(100 * spread.deviation, 2));
}

void print_best(const std::vector<TrialSummary>& trials, const TrialSummary& best,
                const SearchGrid& grid, Console& console) {
  std::string settings;
  for (std::size_t i = 0; i < grid.keys.size(); ++i)
    settings += (i == 0 ? "" : "  ") + grid.keys[i].pointer + "=" + best.values[i];
  const std::string number = std::to_string(trials.size());
  console.line("best of " + number + " trials by validation accuracy: trial " +
               std::to_string(best.trial) + "  " + settings);
  const auto equals = std::ranges::count_if(trials, [&](const TrialSummary& trial) {
    return trial.validation && trial.validation->mean == best.validation->mean;
  });
  if (equals > 1)
    console.line(std::to_string(equals) +
                 " trials have this validation accuracy; this is the first of them");
  const std::string of = best.folds > 1 ? ", mean of " + std::to_string(best.folds) + " folds" : "";
  for (const TrialPart& part : kTrialParts)
    if (const std::optional<Spread>& spread = best.*part.spread)
      console.line(std::string("  ") + part.name + " accuracy" + of + ": " + spread_text(*spread));
  console.line("The best of " + number +
               " is partly the luckiest: its validation accuracy is too high. Its test accuracy "
               "did not choose it; the surest figure is of images that no trial has seen.");
}

}  // namespace

std::string command_of(const TrainConfig& trial) {
  const TrainConfig defaults;
  Json config = train_fields().write(trial);
  for (const char* key : {"dataset", "output", "seed", "folds", "fold", "resume"})
    config.erase(key);
  return "steelsight train " + shell_word(trial.dataset) + " -o best.safetensors --seed " +
         std::to_string(trial.seed) + sets_of(config, train_fields().write(defaults), "/train");
}

void report_search(const SearchConfig& config, const std::vector<SearchRun>& runs,
                   Console& console) {
  const fs::path folder = config.output;
  const std::vector<TrialSummary> trials = summarize(runs);
  write_summary(folder / "search_summary.csv", config.grid, trials);
  const std::optional<std::size_t> position = best_trial(trials);
  if (!position)
    throw ModelError(
        "no trial can be chosen: each has a run that failed; the first: " +
        std::ranges::find_if(runs, [](const SearchRun& run) { return !run.error.empty(); })->error);
  const TrialSummary& best = trials[*position];
  const std::vector<Trial> all = trials_of(config);
  std::vector<Settings> settings;
  for (const Trial& trial : all) settings.push_back(trial.settings);
  draw_search_figures(folder,
                      {.grid = config.grid, .settings = settings, .trials = trials, .best = best});

  const std::string command = command_of(all.at(best.trial - 1).config);
  Json listed = Json::array();
  for (const TrialSummary& trial : trials)
    listed.push_back(to_json(trial, config.grid, settings.at(trial.trial - 1)));
  const Json json{{"dataset", config.dataset},
                  {"keys", pointers_of(config.grid)},
                  {"folds", config.folds},
                  {"seed", config.seed},
                  {"chosen_by", "mean validation accuracy"},
                  {"best", listed.at(*position)},
                  {"command", command},
                  {"trials", listed}};
  write_file(folder / "search.json",
             json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  print_best(trials, best, config.grid, console);
  console.line("to train with its settings:");
  console.line("  " + command);
}

}  // namespace steelsight
