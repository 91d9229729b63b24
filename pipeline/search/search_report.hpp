#pragma once
// What a search has found, when all of its runs are done.
//
//   search_summary.csv   a row a trial: the varied keys, folds, failed, mean and standard deviation
//                        of the accuracy on each part, seconds
//   search.json          the same, the best trial and the command that trains with its settings
//   the figures          pipeline/search/search_figures.hpp
#include <string>
#include <vector>

#include "pipeline/command/console.hpp"
#include "pipeline/search/search_config.hpp"
#include "pipeline/search/search_table.hpp"

namespace steelsight {

// The files, search.json last, and the best trial on the console. Throws ModelError, with the first
// run's error, if no trial can be chosen; FigureError, FileError.
void report_search(const SearchConfig& config, const std::vector<SearchRun>& runs,
                   Console& console);

// "steelsight train DATASET -o best.safetensors --seed 0 --set /train/dropout=0.1": all in which
// the trial differs from the defaults of `train`, for a shell.
std::string command_of(const TrainConfig& trial);

}  // namespace steelsight
