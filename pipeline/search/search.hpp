#pragma once
// The command `search`: trains with every setting of a grid, on every fold, and says which is best.
//
// Into its folder it writes config.json and identity.json (what the search is), search.csv (a row
// for each run, pipeline/search/search_table.hpp), trials/001/fold_0.log.csv ... (what `train`
// writes), and when it is through search_summary.csv, search.json and the figures
// (pipeline/search/search_report.hpp). The same search in the same folder goes on where it was
// stopped.
#include <vector>

#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/search/search_config.hpp"
#include "pipeline/search/search_table.hpp"

namespace steelsight {

struct SearchResult {
  std::vector<SearchRun> runs;  // finished ones, by trial and fold
  bool stopped = false;         // by Ctrl-C
};

// A run that `train` gives up on (ModelError: the loss is no number) is a row with its error, and
// the search goes on. Throws ConfigError if the folder holds another search; ModelError if no run
// succeeds; DatasetError, BackendError, FileError.
// kernels: of all runs.
SearchResult search(const SearchConfig& config, Console& console, const KernelConfig& kernels = {});

}  // namespace steelsight
