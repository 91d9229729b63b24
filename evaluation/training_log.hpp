#pragma once
// training_log.csv: one row an epoch, with the columns
//   epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

// A training_log.csv that can't be used: exit code 3.
struct TrainingLogError : Error {
  using Error::Error;
};

// A value that was not measured (training without a validation part) is NaN, in the file "nan".
struct EpochLog {
  static constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

  int epoch = 1;  // from 1
  double learning_rate = kNotMeasured;
  double train_loss = kNotMeasured;
  double train_accuracy = kNotMeasured;  // in [0, 1]
  double validation_loss = kNotMeasured;
  double validation_accuracy = kNotMeasured;  // in [0, 1]
  double seconds = kNotMeasured;              // of the epoch
};

// Position of the epoch with the highest validation accuracy; of equals the one with the lowest
// validation loss, of those the first. Nothing if no validation accuracy was measured.
std::optional<std::size_t> best_epoch(const std::vector<EpochLog>& log);

// The whole log at once; written after every epoch, it is always complete. Throws FileError.
void write_training_log(const fs::path& file, const std::vector<EpochLog>& log);

// Reads back exactly what was written. Throws TrainingLogError that names file and line for wrong
// columns, values that are not numbers, epochs that don't rise; DatasetError, FileError.
std::vector<EpochLog> read_training_log(const fs::path& file);

}  // namespace steelsight
