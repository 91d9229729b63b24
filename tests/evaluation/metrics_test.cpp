#include "evaluation/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace steelsight::metrics_test {
namespace {

using testing::ElementsAre;

Prediction row(const std::string& label, const std::string& prediction, std::vector<float> p) {
  return {"a.bmp", label, prediction, 1, std::move(p), ""};
}

TEST(WilsonInterval, HasThePublishedValues) {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
  EXPECT_NEAR(wilson_interval(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(wilson_interval(81, 263).high, 0.3662, 5e-5);
  EXPECT_NEAR(wilson_interval(15, 148).low, 0.0624, 5e-5);
  EXPECT_NEAR(wilson_interval(15, 148).high, 0.1605, 5e-5);
  EXPECT_EQ(wilson_interval(0, 20).low, 0);
  EXPECT_NEAR(wilson_interval(0, 20).high, 0.1611, 5e-5);
  EXPECT_NEAR(wilson_interval(1, 29).low, 0.0061, 5e-5);
  EXPECT_NEAR(wilson_interval(1, 29).high, 0.1718, 5e-5);
}

TEST(WilsonInterval, OfNothingIsEverything) {
  EXPECT_EQ(wilson_interval(0, 0).low, 0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
  EXPECT_EQ(wilson_interval(7, 7).high, 1);
  EXPECT_THROW(wilson_interval(2, 1), std::invalid_argument);
  EXPECT_THROW((Accuracy{0, 0}.value()), std::domain_error);
}

TEST(Metrics, ByHand) {
  const Metrics metrics =
      compute_metrics({{"Cr", "In"},
                       {row("Cr", "Cr", {0.75f, 0.25f}), row("Cr", "In", {0.25f, 0.75f}),
                        row("In", "In", {0.5f, 0.5f}), row("In", "In", {0, 1})}});
  EXPECT_THAT(metrics.confusion, ElementsAre(ElementsAre(1, 1), ElementsAre(0, 2)));
  EXPECT_EQ(metrics.accuracy.value(), 0.75);
  EXPECT_EQ(metrics.per_class[0].precision, 1);
  EXPECT_EQ(metrics.per_class[0].recall, 0.5);
  EXPECT_DOUBLE_EQ(metrics.per_class[0].f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.per_class[1].precision, 2.0 / 3);
  EXPECT_EQ(metrics.per_class[1].predicted, 3u);
  EXPECT_EQ(metrics.balanced_accuracy, 0.75);
  EXPECT_DOUBLE_EQ(*metrics.cohens_kappa, 0.5);
  EXPECT_EQ(metrics.per_class[0].roc_auc, 0.75);  // of the four pairs one is lost
  EXPECT_NEAR(metrics.log_loss, -(std::log(0.75) + std::log(0.25) + std::log(0.5)) / 4, 1e-6);
}

TEST(Metrics, RowsWithoutLabelOrWithErrorAreNotScored) {
  const Prediction unreadable{"b.bmp", "Cr", "", 0, {}, "truncated"};
  Predictions predictions{{"Cr"}, {row("Cr", "Cr", {1}), row("", "Cr", {1}), unreadable}};
  EXPECT_EQ(compute_metrics(predictions).accuracy.n, 1u);
  predictions.rows.erase(predictions.rows.begin());
  EXPECT_THROW(compute_metrics(predictions), std::invalid_argument);
}

TEST(Metrics, ALabelThatTheModelDoesNotHaveCountsAsWrong) {
  const Metrics metrics = compute_metrics({{"In", "Cr"},
                                           {row("Cr", "Cr", {0, 1}), row("Zn", "Cr", {0, 1}),
                                            row("Al", "In", {1, 0}), row("Al", "In", {1, 0})}});
  EXPECT_THAT(metrics.classes, ElementsAre("In", "Cr", "Al", "Zn"));
  EXPECT_EQ(metrics.accuracy.value(), 0.25);
  EXPECT_EQ(metrics.confusion[2][0], 2u);
  EXPECT_EQ(metrics.per_class[2].support, 2u);
  EXPECT_EQ(metrics.per_class[2].recall, 0);
  EXPECT_EQ(metrics.top2_accuracy, 0.25);
  EXPECT_NEAR(metrics.log_loss, 23 * std::log(2) * 3 / 4, 1e-5);
}

TEST(Metrics, Top2RanksEqualsByPosition) {
  const auto top2 = [](const std::string& label, std::vector<float> p) {
    return compute_metrics({{"a", "b", "c"}, {row(label, "a", std::move(p))}}).top2_accuracy;
  };
  EXPECT_EQ(top2("a", {0.5f, 0.25f, 0.25f}), 1);
  EXPECT_EQ(top2("b", {0.5f, 0.3f, 0.2f}), 1);
  EXPECT_EQ(top2("c", {0.5f, 0.3f, 0.2f}), 0);
  EXPECT_EQ(top2("b", {0.5f, 0.25f, 0.25f}), 1);
  EXPECT_EQ(top2("c", {0.5f, 0.25f, 0.25f}), 0);
  EXPECT_EQ(top2("a", {0.25f, 0.5f, 0.25f}), 1);
}

}  // namespace
}  // namespace steelsight::metrics_test
