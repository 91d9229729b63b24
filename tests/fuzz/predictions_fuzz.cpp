// predictions.csv, and the report's numbers on it.
#include "datasets/error.hpp"
#include "evaluation/predictions.hpp"
#include "pipeline/report/report.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("predictions.csv");
  file.fill(fuzzing::text_of(data, size));
  const auto predictions = fuzzing::read_or_refuse<PredictionsError, DatasetError>(
      [&] { return read_predictions(file.path()); });
  if (!predictions) return 0;
  for (const Prediction& row : predictions->rows)
    fuzzing::require(
        !row.error.empty() || row.probabilities.size() == predictions->class_names.size(),
        "an error or a probability for each class");
  const Report report = make_report(*predictions);
  const std::size_t scored = report.metrics ? report.metrics->accuracy.n : 0;
  fuzzing::require(
      report.n_images == predictions->rows.size() &&
          report.n_images == scored + report.n_unlabelled + report.n_errors + report.n_unknown,
      "each row counted once");
  return 0;
}
