#pragma once
// search.csv: one row for each finished run of a search, with the columns
//   trial,fold,<the varied keys>,train_accuracy,validation_accuracy,test_accuracy,
//   n_train,n_validation,n_test,best_epoch,seconds,error
// and what follows from it: each trial's mean and deviation over its folds, and the best trial.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/filesystem.hpp"
#include "evaluation/metrics.hpp"

namespace steelsight {

// A search.csv that can't be used: exit code 3.
struct SearchTableError : Error {
  using Error::Error;
};

struct SearchRun {
  std::size_t trial = 1;            // from 1
  std::int64_t fold = 0;            // from 0
  std::vector<std::string> values;  // setting_text of each varied key
  Accuracy train, validation, test;
  std::int64_t best_epoch = 0;  // from 1
  double seconds = 0;
  std::string error = {};  // why there is no model; the accuracies are then empty
};

// The whole table at once: it is always complete. Accuracies of n = 0 are "nan". Throws FileError.
void write_search_table(const fs::path& file, const std::vector<std::string>& pointers,
                        const std::vector<SearchRun>& runs);

// Reads back exactly what was written; no rows if there is no such file. Throws SearchTableError
// that names file and line for other columns and values that are not numbers; DatasetError,
// FileError.
std::vector<SearchRun> read_search_table(const fs::path& file,
                                         const std::vector<std::string>& pointers);

// Over folds.
struct Spread {
  double mean = 0;
  double deviation = 0;  // standard deviation of a sample (n - 1); NaN for one fold
};

struct TrialSummary {
  std::size_t trial = 1;
  std::vector<std::string> values;
  std::size_t folds = 0;                          // folds that are finished without an error
  std::size_t failed = 0;                         // folds that ended with an error
  std::optional<Spread> train, validation, test;  // nothing where no fold has an accuracy
  double seconds = 0;                             // for all folds together
};

// The parts of a data set that a trial has an accuracy on.
struct TrialPart {
  const char* name;
  const char* title;
  std::optional<Spread> TrialSummary::*spread;
};
inline constexpr std::array<TrialPart, 3> kTrialParts{
    {{"train", "Training accuracy", &TrialSummary::train},
     {"validation", "Validation accuracy", &TrialSummary::validation},
     {"test", "Test accuracy", &TrialSummary::test}}};

// A summary of each trial that has rows, by trial.
std::vector<TrialSummary> summarize(const std::vector<SearchRun>& runs);

// Position of the trial with the highest mean validation accuracy; of equals the first. Trials with
// a failed fold, or with fewer folds than another trial, are not chosen. Nothing if none is left.
std::optional<std::size_t> best_trial(const std::vector<TrialSummary>& trials);

}  // namespace steelsight
