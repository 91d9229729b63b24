#include "evaluation/training_log.hpp"

#include <array>
#include <string>

#include "core/atomic_file.hpp"
#include "datasets/csv.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

// The columns after `epoch`.
struct Column {
  const char* name;
  double EpochLog::*value;
};
constexpr std::array<Column, 6> kColumns = {
    {{"learning_rate", &EpochLog::learning_rate},
     {"train_loss", &EpochLog::train_loss},
     {"train_accuracy", &EpochLog::train_accuracy},
     {"validation_loss", &EpochLog::validation_loss},
     {"validation_accuracy", &EpochLog::validation_accuracy},
     {"seconds", &EpochLog::seconds}}};

std::vector<std::string> header() {
  std::vector<std::string> names = {"epoch"};
  for (const Column& column : kColumns) names.push_back(column.name);
  return names;
}

EpochLog read_epoch(const CsvRow& row, const std::string& where) {
  const auto expect_number = [&](std::size_t column, const auto& value) {
    if (!value)
      throw TrainingLogError(where + ": " + header()[column] + " is '" + row.cells[column] +
                             "', expected a number");
    return *value;
  };
  EpochLog result;
  result.epoch = expect_number(0, parse_number<int>(row.cells[0]));
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    result.*kColumns[i].value = expect_number(i + 1, parse_number<double>(row.cells[i + 1]));
  for (const double accuracy : {result.train_accuracy, result.validation_accuracy})
    if (accuracy < 0 || accuracy > 1)
      throw TrainingLogError(where + ": an accuracy is " + number_text(accuracy) +
                             ", expected 0 to 1 or nan");
  return result;
}

}  // namespace

std::optional<std::size_t> best_epoch(const std::vector<EpochLog>& log) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const EpochLog& candidate = log[i];
    if (candidate.validation_accuracy != candidate.validation_accuracy) continue;  // NaN
    if (!best || candidate.validation_accuracy > log[*best].validation_accuracy ||
        (candidate.validation_accuracy == log[*best].validation_accuracy &&
         candidate.validation_loss < log[*best].validation_loss))
      best = i;
  }
  return best;
}

void write_training_log(const fs::path& file, const std::vector<EpochLog>& log) {
  std::string text = csv_row(header());
  for (const EpochLog& epoch : log) {
    std::vector<std::string> cells = {std::to_string(epoch.epoch)};
    for (const Column& column : kColumns) cells.push_back(number_text(epoch.*column.value));
    text += csv_row(cells);
  }
  write_file(file, text);
}

std::vector<EpochLog> read_training_log(const fs::path& file) {
  CsvReader reader(file);
  CsvRow row;
  if (!reader.next(row) || row.cells != header()) {
    const std::string names = csv_row(header());
    throw TrainingLogError(file.string() + ":1: expected the columns " +
                           names.substr(0, names.size() - 1));
  }
  std::vector<EpochLog> log;
  while (reader.next(row)) {
    log.push_back(read_epoch(row, reader.where(row)));
    if (log.size() > 1 && log.back().epoch <= log[log.size() - 2].epoch)
      throw TrainingLogError(reader.where(row) + ": epoch " + std::to_string(log.back().epoch) +
                             " follows epoch " + std::to_string(log[log.size() - 2].epoch) +
                             ", expected rising numbers");
  }
  return log;
}

}  // namespace steelsight
