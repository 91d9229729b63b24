#include "datasets/own_output.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "datasets/csv.hpp"
#include "datasets/error.hpp"

namespace steelsight {
namespace {

bool is_there(const fs::path& file) {
  boost::system::error_code ignored;
  return fs::is_regular_file(file, ignored);
}

// A file of this name that another program wrote would hardly begin with the same columns.
bool is_predictions(const fs::path& file) {
  if (!is_there(file)) return false;
  try {
    CsvReader reader(file);
    CsvRow header;
    const std::vector<std::string> expected{"path", "label", "prediction", "confidence"};
    return reader.next(header) && header.cells.size() > expected.size() &&
           std::equal(expected.begin(), expected.end(), header.cells.begin());
  } catch (const DatasetError&) {
    return false;
  } catch (const FileError&) {
    return false;
  }
}

}  // namespace

OwnOutput::OwnOutput(const fs::path& folder)
    : has_predictions_(is_predictions(folder / "predictions.csv")) {
  constexpr std::array kRecords{"report.json", "comparison.json", "explore.json", "search.csv"};
  has_figures_ = has_predictions_ || std::ranges::any_of(kRecords, [&](const char* record) {
                   return is_there(folder / record);
                 });
}

bool OwnOutput::wrote_picture(const fs::path& file) const {
  if (!has_figures_ || file.extension() != ".png") return false;
  return is_there(fs::path(file).replace_extension(".svg"));
}

bool OwnOutput::wrote_folder(const fs::path& subfolder) const {
  return has_predictions_ && subfolder.filename() == "explained";
}

}  // namespace steelsight
