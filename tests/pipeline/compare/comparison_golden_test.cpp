// Every number of a comparison against the ones that scikit-learn and SciPy give for the same two
// files: data/example_comparison.json, written by scripts/reference/export_comparison.py.
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "pipeline/compare/comparison_json.hpp"
#include "tests/pipeline/report/expect_json.hpp"

namespace steelsight::comparison_golden_test {
namespace {

TEST(ComparisonGolden, AgreesWithScikitLearn) {
  const fs::path data = STEELSIGHT_SOURCE_DIR "/tests/pipeline/report/data";
  const Comparison comparison =
      compare({"a", read_predictions(data / "example_predictions.csv")},
              {"b", read_predictions(data / "comparison_predictions.csv")});
  const fs::path file = data / "example_comparison.json";
  expect_equal(comparison_json(comparison), parse_json(read_file(file), file.string()), "");
}

}  // namespace
}  // namespace steelsight::comparison_golden_test
