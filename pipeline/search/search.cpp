#include "pipeline/search/search.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "core/interrupt.hpp"
#include "core/output_claim.hpp"
#include "core/parallel.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/split.hpp"
#include "evaluation/number_text.hpp"
#include "models/error.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/search/search_report.hpp"
#include "pipeline/train/run_identity.hpp"
#include "pipeline/train/train.hpp"

namespace steelsight {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// A hash of the names, labels and bytes of all images.
std::string hash_of_images(const Dataset& dataset, const std::stop_token& stop) {
  const ContentHashes hashes = content_hashes(dataset, stop);
  std::string all;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    all += sample.name + '\0' + (sample.label ? dataset.class_names[*sample.label] : "") + '\0' +
           to_hex(hashes[i].value_or(0)) + '\n';
  }
  return to_hex(content_hash(all.data(), all.size()));
}

// All that the rows depend on. More random draws may be asked for: those before stay as they are.
Json identity_of(const SearchConfig& config, const KernelConfig& kernels,
                 const std::stop_token& stop) {
  Json search = to_json(config);
  for (const char* key : {"output", "parallel", "keep_models"}) search.erase(key);
  for (const char* key : {"cache", "loader_threads"}) search.at("train").erase(key);
  search.at("grid").erase("trials");
  Json identity{{"search", search}, {"images", hash_of_images(open_dataset(config.dataset), stop)}};
  if (kernels.policy != KernelConfig::Policy::direct)
    identity["backend"] = Backend(1, kernels).description();
  return identity;
}

// Claims the folder for this search, or throws.
void check_identity(const fs::path& folder, const Json& identity) {
  const fs::path file = folder / "identity.json";
  if (!fs::exists(file)) {
    if (fs::exists(folder / "search.csv"))
      throw ConfigError((folder / "search.csv").string() +
                        " is there, but identity.json that says of which search is not: choose "
                        "another folder");
    write_file(file, identity.dump(2) + "\n");
    return;
  }
  const Json found = parse_json(read_file(file), file.string());
  const Json patch = Json::diff(found, identity);
  if (patch.empty()) return;
  const std::string where = patch.at(0).at("path").get<std::string>();
  throw ConfigError(folder.string() + " holds another search: " + where + " is " +
                    value_at(found, where) + " there and " + value_at(identity, where) +
                    " here: choose another folder, or delete this one to begin anew");
}

std::vector<std::string> texts_of(const Settings& settings) {
  std::vector<std::string> texts;
  for (const Json& value : settings) texts.push_back(setting_text(value));
  return texts;
}

class Search {
 public:
  Search(const SearchConfig& config, Console& console, const KernelConfig& kernels)
      : config_(config),
        console_(console),
        kernels_(kernels),
        trials_(trials_of(config)),
        folder_(config.output) {
    for (const VariedKey& key : config.grid.keys) pointers_.push_back(key.pointer);
    runs_ = read_search_table(table(), pointers_);
    for (const SearchRun& run : runs_) check_row(run);
  }

  // All runs that have no row yet.
  void run() {
    std::vector<Job> jobs;
    for (std::size_t trial = 0; trial < trials_.size(); ++trial)
      for (std::int64_t fold = 0; fold < folds(); ++fold)
        if (!is_done({trial, fold}))
          jobs.push_back({trial, fold});
        else if (!config_.keep_models)
          remove_models({trial, fold});  // killed between the row and this
    done_before_ = runs_.size();
    const std::size_t parallel = std::min(thread_count(config_.parallel), jobs.size());
    if (jobs.empty()) return;
    console_.line(std::to_string(trials_.size()) + " trials on " + std::to_string(folds()) +
                  (folds() == 1 ? " division" : " folds") + ": " + std::to_string(jobs.size()) +
                  " runs" +
                  (runs_.empty() ? "" : " and " + std::to_string(runs_.size()) + " finished ones") +
                  ", " + std::to_string(parallel) + " at once");
    for_each_index(
        jobs.size(), parallel, [&](std::size_t i) { run_one(jobs[i]); }, [](std::size_t) {});
  }

  const std::vector<SearchRun>& runs() const { return runs_; }

 private:
  struct Job {
    std::size_t trial;  // from 0
    std::int64_t fold;
  };

  fs::path table() const { return folder_ / "search.csv"; }
  std::int64_t folds() const { return std::max<std::int64_t>(config_.folds, 1); }

  bool is_done(const Job& job) const {
    return std::ranges::any_of(runs_, [&](const SearchRun& run) {
      return run.trial == job.trial + 1 && run.fold == job.fold;
    });
  }

  void check_row(const SearchRun& run) const {
    const std::string row = "a run of trial " + std::to_string(run.trial);
    if (run.trial < 1 || run.trial > trials_.size() || run.fold < 0 || run.fold >= folds())
      throw ConfigError(table().string() + " has " + row + ", fold " + std::to_string(run.fold) +
                        ", but this search has " + std::to_string(trials_.size()) + " trials of " +
                        std::to_string(folds()) +
                        " folds: ask for as many, or choose another folder");
    if (run.values != texts_of(trials_[run.trial - 1].settings))
      throw SearchTableError(table().string() + " has " + row + " with other values than " +
                             settings_text(run.trial - 1) + ": it was changed by hand");
  }

  std::string settings_text(std::size_t trial) const {
    std::string text;
    for (std::size_t i = 0; i < pointers_.size(); ++i)
      text += (i == 0 ? "" : "  ") + pointers_[i] + "=" + setting_text(trials_[trial].settings[i]);
    return text;
  }

  // On one of several threads, each with a backend of its own. One thread a run, however many run
  // at once: so a run's result doesn't depend on it.
  void run_one(const Job& job) {
    if (console_.stop_requested()) return;
    const Clock::time_point begin = Clock::now();
    TrainConfig config = trials_[job.trial].config;
    config.output = file_of(job, ".safetensors").string();
    config.fold = job.fold;
    config.resume = true;  // where the search was killed
    SearchRun run{.trial = job.trial + 1,
                  .fold = job.fold,
                  .values = texts_of(trials_[job.trial].settings),
                  .train = {},
                  .validation = {},
                  .test = {}};
    try {
      Backend backend(1, kernels_);
      Console silent([this](const std::string& warning) { warn_once(warning); }, console_.stop());
      const TrainResult result = train(backend, config, silent);
      if (result.stopped) return;
      run.train = result.train;
      run.validation = result.validation;
      run.test = result.test;
      run.best_epoch = result.best_epoch;
    } catch (const Interrupted&) {
      if (!console_.stop_requested()) throw;
      return;
    } catch (const ModelError& error) {
      run.error = error.what();
    }
    run.seconds = seconds_since(begin);
    keep(run);
    if (!config_.keep_models || !run.error.empty()) remove_models(job);
  }

  // DIR/trials/001/fold_0<suffix>
  fs::path file_of(const Job& job, const std::string& suffix) const {
    char number[32];
    std::snprintf(number, sizeof number, "%03zu", job.trial + 1);
    return folder_ / "trials" / number / ("fold_" + std::to_string(job.fold) + suffix);
  }

  void remove_models(const Job& job) const {
    for (const char* suffix : {".safetensors", ".checkpoint.safetensors"})
      fs::remove(file_of(job, suffix));
  }

  void keep(const SearchRun& run) {
    const std::lock_guard lock(mutex_);
    runs_.push_back(run);
    std::ranges::sort(runs_, {}, [](const SearchRun& r) { return std::pair(r.trial, r.fold); });
    write_search_table(table(), pointers_, runs_);
    console_.line(progress_text(run));
  }

  std::string progress_text(const SearchRun& run) const {
    const std::size_t all = trials_.size() * static_cast<std::size_t>(folds());
    const auto done = static_cast<double>(runs_.size() - done_before_);
    const double left = seconds_since(begin_) / done * static_cast<double>(all - runs_.size());
    std::string text = "[" + std::to_string(runs_.size()) + "/" + std::to_string(all) +
                       "]  trial " + std::to_string(run.trial) + " fold " +
                       std::to_string(run.fold) + "  " + settings_text(run.trial - 1);
    const auto add = [&](const char* part, const Accuracy& accuracy) {
      if (accuracy.n > 0)
        text += std::string("  ") + part + " " + percent_text(accuracy.value(), 2);
    };
    add("train", run.train);
    add("validation", run.validation);
    add("test", run.test);
    if (!run.error.empty()) text += "  failed: " + run.error;
    return text + "  " + duration_text(left) + " left";
  }

  // The trials meet the same images, and so the same warnings.
  void warn_once(const std::string& warning) {
    const std::lock_guard lock(mutex_);
    if (warnings_.insert(warning).second) console_.warning(warning);
  }

  const SearchConfig& config_;
  Console& console_;
  const KernelConfig& kernels_;
  const std::vector<Trial> trials_;
  const fs::path folder_;
  std::vector<std::string> pointers_;
  const Clock::time_point begin_ = Clock::now();
  std::size_t done_before_ = 0;
  std::mutex mutex_;  // guards what follows and the console
  std::vector<SearchRun> runs_;
  std::set<std::string> warnings_;
};

}  // namespace

SearchResult search(const SearchConfig& config, Console& console, const KernelConfig& kernels) {
  const OutputClaim claim = claim_folder(config.output);
  check_identity(config.output, identity_of(config, kernels, console.stop()));
  Search search(config, console, kernels);
  write_config(fs::path(config.output) / "config.json", "search", to_json(config));
  search.run();
  SearchResult result{.runs = search.runs(), .stopped = console.stop_requested()};
  if (result.stopped)
    console.line("interrupted: the same command goes on from here");
  else
    report_search(config, result.runs, console);
  return result;
}

}  // namespace steelsight
