#include "pipeline/search/search_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.hpp"

namespace steelsight::search_table_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<std::string> kPointers{"/schedule/learning_rate", "/arch"};

SearchRun run_of(std::size_t trial, std::int64_t fold, std::size_t validated, std::size_t tested) {
  return {.trial = trial,
          .fold = fold,
          .values = {"0.00" + std::to_string(trial), "a, \"b\"\nc"},
          .train = {.n = 7, .correct = 3},
          .validation = {.n = 10, .correct = validated},
          .test = {.n = 20, .correct = tested},
          .best_epoch = 4,
          .seconds = 1.25};
}

SearchRun failed_run(std::size_t trial, std::int64_t fold) {
  SearchRun run = run_of(trial, fold, 0, 0);
  run.train = run.validation = run.test = {};
  run.best_epoch = 0;
  run.error = "the loss is nan";
  return run;
}

class SearchTable : public testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }
  std::string message_of(const std::string& text) const {
    write_file(file_, text);
    try {
      read_search_table(file_, kPointers);
    } catch (const SearchTableError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
  const fs::path file_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%.csv");
};

TEST_F(SearchTable, ComesBackAsItWasWritten) {
  const std::vector<SearchRun> runs{run_of(1, 0, 9, 13), run_of(1, 1, 10, 20), failed_run(2, 0)};
  write_search_table(file_, kPointers, runs);
  const std::vector<SearchRun> found = read_search_table(file_, kPointers);
  ASSERT_EQ(found.size(), runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(found[i].trial, runs[i].trial);
    EXPECT_EQ(found[i].fold, runs[i].fold);
    EXPECT_EQ(found[i].values, runs[i].values);
    for (const auto part : {&SearchRun::train, &SearchRun::validation, &SearchRun::test}) {
      EXPECT_EQ((found[i].*part).n, (runs[i].*part).n);
      EXPECT_EQ((found[i].*part).correct, (runs[i].*part).correct);
    }
    EXPECT_EQ(found[i].best_epoch, runs[i].best_epoch);
    EXPECT_EQ(found[i].seconds, runs[i].seconds);
    EXPECT_EQ(found[i].error, runs[i].error);
  }
  EXPECT_TRUE(read_search_table(file_.string() + ".missing", kPointers).empty());
}

TEST_F(SearchTable, SaysWhatIsWrong) {
  const std::string header =
      "trial,fold,/schedule/learning_rate,/arch,train_accuracy,validation_accuracy,test_accuracy,"
      "n_train,n_validation,n_test,best_epoch,seconds,error\n";
  EXPECT_THAT(message_of("trial,fold\n"), HasSubstr(":1: expected the columns trial,fold,/sched"));
  EXPECT_THAT(message_of(header + "x,0,1,a,nan,nan,nan,0,0,0,1,2,\n"),
              HasSubstr(":2: trial is 'x', expected a number"));
  EXPECT_THAT(message_of(header + "1,0,1,a,0.5,1.5,0.5,2,2,2,1,2,\n"),
              HasSubstr("validation_accuracy is '1.5', expected 0 to 1"));
  EXPECT_THAT(message_of(header + "1,0,1,a,0.5,0.5,nan,2,2,2,1,2,\n"),
              HasSubstr("n_test is '2', expected 0 where the accuracy is nan"));
  EXPECT_THAT(message_of(header + "1,0,1,a,0.5,0.5,0.5,2,0,2,1,2,\n"), HasSubstr("n_validation"));
}

TEST(SearchSummary, IsMeanAndSampleDeviationOverFolds) {
  const std::vector<TrialSummary> trials = summarize(
      {run_of(1, 0, 9, 10), run_of(1, 1, 7, 16), run_of(1, 2, 8, 16), run_of(3, 0, 5, 5)});
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].folds, 3u);
  EXPECT_DOUBLE_EQ(trials[0].validation->mean, 0.8);
  EXPECT_DOUBLE_EQ(trials[0].validation->deviation, 0.1);  // sqrt((0.01 + 0.01 + 0) / 2)
  EXPECT_DOUBLE_EQ(trials[0].test->mean, 0.7);
  EXPECT_NEAR(trials[0].test->deviation, std::sqrt(0.03), 1e-15);  // 0.5, 0.8, 0.8
  EXPECT_DOUBLE_EQ(trials[0].seconds, 3.75);
  EXPECT_EQ(trials[1].trial, 3u);
  EXPECT_TRUE(std::isnan(trials[1].validation->deviation));
}

TEST(BestTrial, IsChosenByValidationAlone) {
  const auto best = [](const std::vector<SearchRun>& runs) { return best_trial(summarize(runs)); };
  EXPECT_EQ(best({run_of(1, 0, 8, 20), run_of(2, 0, 9, 1), run_of(3, 0, 9, 19)}), 1u);
  EXPECT_EQ(best({failed_run(1, 0), run_of(2, 0, 1, 1)}), 1u);
  EXPECT_EQ(best({run_of(1, 0, 10, 1), failed_run(1, 1), run_of(2, 0, 1, 1), run_of(2, 1, 1, 1)}),
            1u);
  EXPECT_EQ(best({failed_run(1, 0)}), std::nullopt);
  EXPECT_EQ(best({}), std::nullopt);
}

}  // namespace
}  // namespace steelsight::search_table_test
