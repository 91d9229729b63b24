// Training logs.
#include "datasets/error.hpp"
#include "evaluation/number_text.hpp"
#include "evaluation/training_log.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("log.csv");
  file.fill(fuzzing::text_of(data, size));
  const auto log = fuzzing::read_or_refuse<TrainingLogError, DatasetError>(
      [&] { return read_training_log(file.path()); });
  if (!log) return 0;
  for (std::size_t i = 1; i < log->size(); ++i)
    fuzzing::require((*log)[i - 1].epoch < (*log)[i].epoch, "rising epochs");
  const std::optional<std::size_t> best = best_epoch(*log);
  fuzzing::require(!best || *best < log->size(), "a best epoch of the log");
  return 0;
}
