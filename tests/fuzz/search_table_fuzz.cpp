// Tables of finished runs, which a search goes on from.
#include "datasets/error.hpp"
#include "pipeline/search/search_table.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("search.csv");
  file.fill(fuzzing::text_of(data, size));
  const auto runs = fuzzing::read_or_refuse<SearchTableError, DatasetError>([&] {
    return read_search_table(file.path(), {"/dropout", "/seed"});
  });
  if (!runs) return 0;
  std::size_t counted = 0;
  const std::vector<TrialSummary> trials = summarize(*runs);
  for (const TrialSummary& trial : trials) counted += trial.folds + trial.failed;
  fuzzing::require(counted == runs->size(), "each run in one trial");
  const std::optional<std::size_t> best = best_trial(trials);
  fuzzing::require(!best || *best < trials.size(), "a best trial of the table");
  return 0;
}
