#pragma once
// predictions.csv: one row an image, in the order in which the images were given, with the columns
//   path,label,prediction,confidence,p_<class>...[,distance],error
// A row is either predicted (prediction, confidence and every p_ are there, error is empty) or
// unreadable (error says why, those are empty). The prediction is a class, or "unknown" for an
// image that the model is not to name; its confidence and p_ are there all the same. The label is
// empty where none is given, and may be a class that the model does not have. The column distance
// is there if the model can tell how far an image is from what it knows. Names that a spreadsheet
// would take for formulas are written as text_cell() (datasets/csv.hpp) has them.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

// A predictions.csv that can't be used: exit code 3.
struct PredictionsError : Error {
  using Error::Error;
};

inline constexpr const char* kUnknown = "unknown";

struct Prediction {
  std::string path;
  std::string label{};                 // empty: none is given
  std::string prediction{};            // one of the class names, or kUnknown
  float confidence = 0;                // in [0, 1]
  std::vector<float> probabilities{};  // in the order of the class names, sum 1 within 0.01
  std::string error{};                 // empty: the image was read and classified
  std::optional<float> distance{};     // 0 or more; in all predicted rows of a file or in none

  bool operator==(const Prediction&) const = default;
};

struct Predictions {
  std::vector<std::string> class_names;  // not empty, no duplicates
  std::vector<Prediction> rows;
};

// Leaves out the rows whose path is there already, so that no image counts twice. Gives their
// number.
std::size_t drop_double_rows(Predictions& predictions);

// Whether the model was not to name the image. In a model with a class of the name kUnknown, that
// class is meant, and this is false.
bool is_unknown(const Prediction& row, const std::vector<std::string>& class_names);

// Writes row by row in constant memory; the file appears at commit(). Numbers are printed with as
// many digits as it takes to read the same float back.
class PredictionsWriter {
 public:
  // `distances`: with that column. Throws std::invalid_argument for class names that are missing,
  // empty or there twice, FileError.
  PredictionsWriter(const fs::path& file, std::vector<std::string> class_names,
                    bool distances = false);

  // Throws std::invalid_argument for a row that read_predictions would refuse, FileError.
  void write(const Prediction& row);
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  const std::vector<std::string> class_names_;
  const bool distances_;
};

// Strict. Throws PredictionsError that names file and line for wrong columns or values,
// DatasetError (datasets/csv.hpp) for what is not CSV, FileError for what can't be read.
Predictions read_predictions(const fs::path& file);

}  // namespace steelsight
