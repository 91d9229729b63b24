// The metrics against scikit-learn's and SciPy's: data/metrics.json, written by
// scripts/reference/export_metrics.py.
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "evaluation/metrics.hpp"

namespace steelsight::metrics_golden_test {
namespace {

constexpr double kTolerance = 1e-12;

// Positions become names whose order is that of the positions: unknown ones are sorted.
std::string class_name(std::size_t position) {
  return "class " + std::string(1, static_cast<char>('a' + position));
}

Predictions predictions_of(const Json& item) {
  Predictions predictions;
  for (std::size_t k = 0; k < item.at("classes"); ++k)
    predictions.class_names.push_back(class_name(k));
  for (std::size_t i = 0; i < item.at("labels").size(); ++i) {
    Prediction row{.path = "image " + std::to_string(i),
                   .label = class_name(item.at("labels")[i]),
                   .prediction = class_name(item.at("predictions")[i]),
                   .confidence = 1,
                   .probabilities = {},
                   .error = ""};
    for (const Json& p : item.at("probabilities")[i]) row.probabilities.push_back(p);
    predictions.rows.push_back(row);
  }
  return predictions;
}

void expect_near(const PrecisionRecall& got, const Json& expected, const std::string& what) {
  EXPECT_NEAR(got.precision, expected.at("precision"), kTolerance) << what;
  EXPECT_NEAR(got.recall, expected.at("recall"), kTolerance) << what;
  EXPECT_NEAR(got.f1, expected.at("f1"), kTolerance) << what;
}

// null stands for "not defined".
void expect_near(std::optional<double> got, const Json& expected, const std::string& what) {
  ASSERT_EQ(got.has_value(), !expected.is_null()) << what;
  if (got) {
    EXPECT_NEAR(*got, expected, kTolerance) << what;
  }
}

TEST(MetricsGolden, AgreeWithScikitLearn) {
  const fs::path file = fs::path(STEELSIGHT_TEST_DATA_DIR) / "metrics.json";
  const Json cases = parse_json(read_file(file), file.string());
  ASSERT_EQ(cases.size(), 17u);
  for (const Json& item : cases) {
    SCOPED_TRACE(item.at("name"));
    const Json& expected = item.at("expected");
    const Metrics metrics = compute_metrics(predictions_of(item));
    EXPECT_EQ(Json(metrics.confusion), expected.at("confusion_matrix"));
    EXPECT_NEAR(metrics.accuracy.value(), expected.at("accuracy"), kTolerance);
    EXPECT_NEAR(metrics.accuracy.interval().low, expected.at("accuracy_ci95")[0], kTolerance);
    EXPECT_NEAR(metrics.accuracy.interval().high, expected.at("accuracy_ci95")[1], kTolerance);
    ASSERT_EQ(metrics.per_class.size(), expected.at("per_class").size());
    for (std::size_t k = 0; k < metrics.per_class.size(); ++k) {
      EXPECT_EQ(metrics.per_class[k].name, class_name(k));
      EXPECT_EQ(metrics.per_class[k].support, expected.at("per_class")[k].at("support"));
      expect_near(metrics.per_class[k], expected.at("per_class")[k], class_name(k));
      expect_near(metrics.per_class[k].roc_auc, expected.at("per_class")[k].at("roc_auc"), "AUC");
    }
    expect_near(metrics.macro, expected.at("macro"), "macro");
    expect_near(metrics.weighted, expected.at("weighted"), "weighted");
    EXPECT_NEAR(metrics.balanced_accuracy, expected.at("balanced_accuracy"), kTolerance);
    EXPECT_NEAR(metrics.matthews_correlation, expected.at("matthews_correlation"), kTolerance);
    EXPECT_NEAR(metrics.log_loss, expected.at("log_loss"), kTolerance);
    expect_near(metrics.cohens_kappa, expected.at("cohens_kappa"), "kappa");
    if (expected.contains("top2_accuracy")) {
      EXPECT_NEAR(metrics.top2_accuracy, expected.at("top2_accuracy"), kTolerance);
    }
  }
}

}  // namespace
}  // namespace steelsight::metrics_golden_test
