#include "datasets/csv_list.hpp"

#include <map>
#include <optional>

#include "datasets/csv.hpp"
#include "datasets/dataset_builder.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

constexpr char kExpectedHeader[] =
    "expected path,label[,split,group], or label and columns of numbers for a table";

// Column by name.
std::map<std::string, std::size_t> read_header(const CsvReader& reader, const CsvRow& header,
                                               Labels labels) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string& name = header.cells[i];
    if (name != "path" && name != "label" && name != "split" && name != "group")
      throw DatasetError(reader.where(header) + ": unknown column '" + to_utf8(name) + "', " +
                         kExpectedHeader);
    if (!columns.emplace(name, i).second)
      throw DatasetError(reader.where(header) + ": column '" + name + "' is there twice");
  }
  for (const char* name : {"path", "label"})
    if (!columns.contains(name) && (name == std::string("path") || labels == Labels::required))
      throw DatasetError(reader.where(header) + ": column '" + name + "' is missing, " +
                         kExpectedHeader);
  return columns;
}

// The path as it is shown: without "./" and "a/..", and absolute only if it leads elsewhere.
std::string shown_name(const fs::path& cell, const fs::path& real_root) {
  const fs::path path = (cell.is_absolute() ? cell : real_root / cell).lexically_normal();
  const fs::path relative = path.lexically_relative(real_root);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  return to_utf8((is_below || cell.is_relative() ? relative : path).generic_string());
}

class ListReader {
 public:
  explicit ListReader(const fs::path& list)
      : reader_(list),
        root_(list.has_parent_path() ? list.parent_path() : fs::path(".")),
        real_root_(fs::canonical(root_)),
        builder_(root_, Layout::csv_list) {}

  Dataset read(Labels labels) {
    CsvRow row;
    if (!reader_.next(row))
      throw DatasetError(reader_.where({1, {}}) + ": empty, " + kExpectedHeader);
    columns_ = read_header(reader_, row, labels);
    while (reader_.next(row)) read_sample(row);
    if (line_of_.empty()) throw DatasetError(reader_.where(row) + ": no row follows the header");
    return builder_.finish();
  }

 private:
  void read_sample(const CsvRow& row) {
    Sample sample;
    sample.path = path_of(row);
    sample.name = shown_name(row.cells[columns_.at("path")], real_root_);
    const auto [first, is_new] = line_of_.emplace(sample.name, row.line);
    if (!is_new)
      fail(row, "'" + sample.name + "' is listed already on line " + std::to_string(first->second));
    sample.part = part_of(row);
    sample.group = text(row, "group");
    const std::string label = text(row, "label");
    builder_.add(std::move(sample), label.empty() ? std::nullopt : std::optional(label));
  }

  fs::path path_of(const CsvRow& row) const {
    const std::string& cell = row.cells[columns_.at("path")];
    if (cell.empty()) fail(row, "path is empty");
    const fs::path path = fs::path(cell).is_absolute() ? fs::path(cell) : root_ / cell;
    boost::system::error_code ignored;
    if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
      fail(row, "'" + to_utf8(cell) + "' is not a file");
    return path.lexically_normal();
  }

  std::optional<Part> part_of(const CsvRow& row) const {
    const std::string name = text(row, "split");
    if (name.empty()) return std::nullopt;
    const std::optional<Part> part = part_named(name);
    if (!part)
      fail(row, "split is '" + name + "', expected train, valid, val, validation, test or nothing");
    return part;
  }

  // Empty if the list has no such column.
  std::string text(const CsvRow& row, const char* column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end()) return "";
    const std::string& cell = row.cells[found->second];
    if (!is_utf8(cell))
      fail(row, std::string(column) + " '" + to_utf8(cell) +
                    "' is not UTF-8; save the list as CSV UTF-8");
    return cell;
  }

  [[noreturn]] void fail(const CsvRow& row, const std::string& what) const {
    throw DatasetError(reader_.where(row) + ": " + what);
  }

  CsvReader reader_;
  fs::path root_;
  fs::path real_root_;  // absolute
  DatasetBuilder builder_;
  std::map<std::string, std::size_t> columns_;
  std::map<std::string, std::size_t> line_of_;  // by sample name
};

}  // namespace

Dataset read_csv_list(const fs::path& list, Labels labels) {
  return ListReader(list).read(labels);
}

}  // namespace steelsight
