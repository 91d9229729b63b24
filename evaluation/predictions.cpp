#include "evaluation/predictions.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "datasets/csv.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kColumnsBefore = 4;  // path, label, prediction, confidence
constexpr std::size_t kColumnsAfter = 1;   // error
constexpr std::string_view kProbabilityPrefix = "p_";
constexpr const char* kDistance = "distance";
constexpr double kSumTolerance = 0.01;  // for files whose probabilities were rounded

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

bool is_class(const std::string& name, const std::vector<std::string>& class_names) {
  return std::find(class_names.begin(), class_names.end(), name) != class_names.end();
}

// The check functions return what is wrong, or an empty text.

std::string check_class_names(const std::vector<std::string>& names) {
  if (names.empty()) return "there are no classes, expected at least one";
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (name.empty()) return "a class has an empty name";
    if (has_nul(name)) return "class '" + name + "' has a NUL byte in its name";
    if (!seen.insert(name).second) return "class '" + name + "' is there twice";
  }
  return "";
}

bool is_probability(float value) {
  return value >= 0 && value <= 1;
}  // false for NaN

std::string check_unreadable(const Prediction& row) {
  if (row.prediction.empty() && row.confidence == 0 && row.probabilities.empty() && !row.distance)
    return "";
  return "row has an error and a prediction, expected only one of them";
}

std::string check_predicted(const Prediction& row, const std::vector<std::string>& class_names) {
  if (row.prediction != kUnknown && !is_class(row.prediction, class_names))
    return "prediction '" + row.prediction + "' is not one of the " +
           std::to_string(class_names.size()) + " classes";
  if (!is_probability(row.confidence))
    return "confidence is " + number_text(row.confidence) + ", expected 0 to 1";
  if (row.probabilities.size() != class_names.size())
    return "row has " + std::to_string(row.probabilities.size()) + " probabilities, expected " +
           std::to_string(class_names.size());
  double sum = 0;
  for (std::size_t k = 0; k < class_names.size(); ++k) {
    if (!is_probability(row.probabilities[k]))
      return "p_" + class_names[k] + " is " + number_text(row.probabilities[k]) +
             ", expected 0 to 1";
    sum += row.probabilities[k];
  }
  if (std::abs(sum - 1) > kSumTolerance)
    return "the probabilities sum to " + number_text(static_cast<float>(sum)) + ", expected 1";
  if (row.distance && !(*row.distance >= 0 && std::isfinite(*row.distance)))
    return "distance is " + number_text(*row.distance) + ", expected 0 or more";
  return "";
}

std::string check(const Prediction& row, const std::vector<std::string>& class_names) {
  if (row.path.empty()) return "path is empty";
  if (has_nul(row.path) || has_nul(row.label) || has_nul(row.error)) return "text has a NUL byte";
  return row.error.empty() ? check_predicted(row, class_names) : check_unreadable(row);
}

struct Columns {
  std::vector<std::string> class_names;
  bool distance = false;  // between the classes and the error
};

Columns read_header(const CsvRow& row, const std::string& where) {
  const std::vector<std::string>& cells = row.cells;
  const auto expect = [&](std::size_t column, const std::string& name) {
    if (column >= cells.size() || cells[column] != name)
      throw PredictionsError(
          where + ": column " + std::to_string(column + 1) + " is " +
          (column < cells.size() ? "'" + cells[column] + "'" : "missing") + ", expected '" + name +
          "'; the columns are path,label,prediction,confidence,p_<class>...[,distance],error");
  };
  expect(0, "path");
  expect(1, "label");
  expect(2, "prediction");
  expect(3, "confidence");
  expect(std::max(cells.size(), kColumnsBefore + kColumnsAfter) - 1, "error");

  Columns columns;
  for (std::size_t i = kColumnsBefore; i + kColumnsAfter < cells.size(); ++i) {
    columns.distance = cells[i] == kDistance && i + kColumnsAfter + 1 == cells.size();
    if (columns.distance) break;
    if (!cells[i].starts_with(kProbabilityPrefix)) expect(i, "p_<class>");
    columns.class_names.push_back(cells[i].substr(kProbabilityPrefix.size()));
  }
  if (const std::string problem = check_class_names(columns.class_names); !problem.empty())
    throw PredictionsError(where + ": " + problem);
  return columns;
}

Prediction read_row(const CsvRow& row, const Columns& columns, const std::string& where) {
  const auto number = [&](std::size_t column, const std::string& name) {
    const auto value = parse_number<float>(row.cells[column]);
    if (!value)
      throw PredictionsError(where + ": " + name + " is '" + row.cells[column] +
                             "', expected a number");
    return *value;
  };
  Prediction result{.path = text_of_cell(row.cells[0]),
                    .label = text_of_cell(row.cells[1]),
                    .prediction = text_of_cell(row.cells[2]),
                    .confidence = 0,
                    .probabilities = {},
                    .error = text_of_cell(row.cells.back())};
  const auto filled = [](const std::string& cell) { return !cell.empty(); };
  if (result.error.empty() || std::any_of(row.cells.begin() + kColumnsBefore - 1,
                                          row.cells.end() - kColumnsAfter, filled)) {
    result.confidence = number(kColumnsBefore - 1, "confidence");
    for (std::size_t k = 0; k < columns.class_names.size(); ++k)
      result.probabilities.push_back(number(kColumnsBefore + k, "p_" + columns.class_names[k]));
    if (columns.distance)
      result.distance = number(kColumnsBefore + columns.class_names.size(), kDistance);
  }
  if (const std::string problem = check(result, columns.class_names); !problem.empty())
    throw PredictionsError(where + ": " + problem);
  return result;
}

std::vector<std::string> require_class_names(std::vector<std::string> names) {
  if (const std::string problem = check_class_names(names); !problem.empty())
    throw std::invalid_argument("PredictionsWriter: " + problem);
  return names;
}

}  // namespace

bool is_unknown(const Prediction& row, const std::vector<std::string>& class_names) {
  return row.prediction == kUnknown && !is_class(kUnknown, class_names);
}

std::size_t drop_double_rows(Predictions& predictions) {
  std::set<std::string> seen;
  return std::erase_if(predictions.rows,
                       [&](const Prediction& row) { return !seen.insert(row.path).second; });
}

PredictionsWriter::PredictionsWriter(const fs::path& file, std::vector<std::string> class_names,
                                     bool distances)
    : file_(file),
      class_names_(require_class_names(std::move(class_names))),
      distances_(distances) {
  std::vector<std::string> cells = {"path", "label", "prediction", "confidence"};
  for (const std::string& name : class_names_)
    cells.push_back(std::string(kProbabilityPrefix) + name);
  if (distances_) cells.push_back(kDistance);
  cells.push_back("error");
  file_.write(csv_row(cells));
}

void PredictionsWriter::write(const Prediction& row) {
  if (const std::string problem = check(row, class_names_); !problem.empty())
    throw std::invalid_argument("PredictionsWriter: " + row.path + ": " + problem);
  const bool predicted = row.error.empty();
  if (row.distance.has_value() != (distances_ && predicted))
    throw std::invalid_argument("PredictionsWriter: " + row.path + ": a file has a distance in " +
                                "each of its predicted rows or in none");
  std::vector<std::string> cells = {text_cell(row.path), text_cell(row.label),
                                    text_cell(row.prediction),
                                    predicted ? number_text(row.confidence) : ""};
  for (std::size_t k = 0; k < class_names_.size(); ++k)
    cells.push_back(predicted ? number_text(row.probabilities[k]) : "");
  if (distances_) cells.push_back(predicted ? number_text(*row.distance) : "");
  cells.push_back(text_cell(row.error));
  file_.write(csv_row(cells));
}

Predictions read_predictions(const fs::path& file) {
  CsvReader reader(file);
  CsvRow row;
  if (!reader.next(row))
    throw PredictionsError(file.string() + ": file is empty, expected a header line");
  Predictions predictions;
  const Columns columns = read_header(row, reader.where(row));
  predictions.class_names = columns.class_names;
  while (reader.next(row)) predictions.rows.push_back(read_row(row, columns, reader.where(row)));
  return predictions;
}

}  // namespace steelsight
