#include "evaluation/training_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "core/atomic_file.hpp"
#include "datasets/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::training_log_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kHeader =
    "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds\n";

TEST(TrainingLog, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const std::vector<EpochLog> log = {{1, 1e-3, 1.0 / 3, 0.5, 0.7, 0.25, 12.5},
                                     {2, 5e-4, 0.1, 0.75, NAN, NAN, 11},
                                     {5, 5e-4, INFINITY, 0.75, NAN, NAN, 11}};
  write_training_log(folder / "log.csv", log);
  const std::vector<EpochLog> back = read_training_log(folder / "log.csv");
  ASSERT_EQ(back.size(), log.size());
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(back[i].epoch, log[i].epoch);
    EXPECT_EQ(bits(back[i].learning_rate), bits(log[i].learning_rate));
    EXPECT_EQ(bits(back[i].train_loss), bits(log[i].train_loss));
    EXPECT_EQ(bits(back[i].train_accuracy), bits(log[i].train_accuracy));
    EXPECT_EQ(bits(back[i].validation_loss), bits(log[i].validation_loss));
    EXPECT_EQ(bits(back[i].validation_accuracy), bits(log[i].validation_accuracy));
    EXPECT_EQ(bits(back[i].seconds), bits(log[i].seconds));
  }
}

TEST(TrainingLog, AnEmptyLogIsItsHeader) {
  const TemporaryFolder folder;
  write_training_log(folder / "log.csv", {});
  EXPECT_EQ(read_file(folder / "log.csv"), kHeader);
  EXPECT_TRUE(read_training_log(folder / "log.csv").empty());
}

TEST(TrainingLog, BrokenFilesAreRefusedWithFileAndLine) {
  const TemporaryFolder folder;
  const auto reading = [&](const std::string& text) {
    write_file(folder / "log.csv", text);
    return [file = folder / "log.csv"] { read_training_log(file); };
  };
  const auto refused = [](const std::string& message) {
    return ThrowsMessage<TrainingLogError>(HasSubstr("log.csv:" + message));
  };
  EXPECT_THAT(reading(""), refused("1: expected the columns epoch,learning_rate"));
  EXPECT_THAT(reading("epoch,loss\n1,2\n"), refused("1: expected the columns epoch"));
  EXPECT_THAT(reading(kHeader + "1.5,1,1,1,1,1,1\n"), refused("2: epoch is '1.5'"));
  EXPECT_THAT(reading(kHeader + "1,1,,1,1,1,1\n"), refused("2: train_loss is ''"));
  EXPECT_THAT(reading(kHeader + "1,1,1,1,1,1,12 s\n"), refused("2: seconds is '12 s'"));
  EXPECT_THAT(reading(kHeader + "2,1,1,1,1,1,1\n2,1,1,1,1,1,1\n"),
              refused("3: epoch 2 follows epoch 2"));
  EXPECT_THAT(reading(kHeader + "1,1,1,1,1,97.5,1\n"), refused("2: an accuracy is 97.5"));
  EXPECT_THROW(reading(kHeader + "1,1,1\n")(), DatasetError);
  EXPECT_THROW(read_training_log(folder / "missing.csv"), FileError);
}

TEST(BestEpoch, HasTheHighestValidationAccuracyThenTheLowestLoss) {
  const auto epoch = [](double accuracy, double loss) {
    EpochLog log;
    log.validation_accuracy = accuracy;
    log.validation_loss = loss;
    return log;
  };
  EXPECT_EQ(best_epoch({}), std::nullopt);
  EXPECT_EQ(best_epoch({epoch(NAN, 1)}), std::nullopt);
  EXPECT_EQ(best_epoch({epoch(NAN, 1), epoch(0, NAN)}), 1u);
  EXPECT_EQ(best_epoch({epoch(0.5, 1), epoch(0.7, 3), epoch(0.6, 0)}), 1u);
  EXPECT_EQ(best_epoch({epoch(0.5, 1), epoch(0.5, 0.5), epoch(0.5, 0.5)}), 1u);
}

}  // namespace
}  // namespace steelsight::training_log_test
