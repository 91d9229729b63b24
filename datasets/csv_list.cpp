#include "datasets/csv_list.hpp"

#include <array>
#include <map>
#include <optional>

#include "datasets/csv.hpp"
#include "datasets/dataset_builder.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/label_twins.hpp"
#include "datasets/part_name.hpp"
#include "datasets/sentences.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

constexpr char kExpectedHeader[] =
    "expected path,label[,split,group], or label and columns of numbers for a table";

// What other programs call the columns.
struct OtherName {
  const char *other, *column;
};
constexpr std::array<OtherName, 25> kOtherNames = {
    {{"file", "path"},       {"filename", "path"},   {"file_name", "path"}, {"filepath", "path"},
     {"file_path", "path"},  {"image", "path"},      {"imageid", "path"},   {"image_id", "path"},
     {"image_name", "path"}, {"image_path", "path"}, {"img", "path"},       {"name", "path"},
     {"class", "label"},     {"classid", "label"},   {"class_id", "label"}, {"class_name", "label"},
     {"category", "label"},  {"defect", "label"},    {"labels", "label"},   {"target", "label"},
     {"part", "split"},      {"set", "split"},       {"subset", "split"},   {"coil", "group"},
     {"plate", "group"}}};

bool is_column(const std::string& name) {
  return name == "path" || name == "label" || name == "split" || name == "group";
}

// What somebody who wrote this column's name meant; empty if it can't be told.
std::string hint_for(const std::string& name) {
  const std::string key = label_key(name);
  if (is_column(key)) return "; write it as '" + key + "'";
  if (has_image_extension(name)) return "; the first line names the columns";
  for (const auto& [other, column] : kOtherNames)
    if (key == other) return std::string("; call it '") + column + "' if it is that";
  return "; leave it out";
}

// Column by name.
std::map<std::string, std::size_t> read_header(const CsvReader& reader, const CsvRow& header,
                                               Labels labels) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string& name = header.cells[i];
    if (!is_column(name))
      throw DatasetError(reader.where(header) + ": unknown column '" + to_utf8(name) + "', " +
                         kExpectedHeader + hint_for(name));
    if (!columns.emplace(name, i).second)
      throw DatasetError(reader.where(header) + ": column '" + name + "' is there twice");
  }
  for (const char* name : {"path", "label"})
    if (!columns.contains(name) && (name == std::string("path") || labels == Labels::required))
      throw DatasetError(reader.where(header) + ": column '" + name + "' is missing, " +
                         kExpectedHeader);
  return columns;
}

// What is wrong with a path that leads to no file: it is written as elsewhere. Empty if it is not.
std::string foreign_path(const std::string& path) {
  const bool has_drive = path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
  if (has_drive || path.starts_with("\\\\"))
    return "is a path of Windows, expected one from the list's folder, like img/Cr_1.bmp";
  if (path.find('\\') != std::string::npos) return "has backslashes, expected a path with /";
  if (path.find("://") != std::string::npos) return "is an address, expected a path";
  return "";
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
    if (missing_ > 1 && missing_ == line_of_.size())
      builder_.warn("none of the " + counted(missing_, "file") +
                    " of the list is there; paths are relative to the list's folder, " +
                    real_root_.string());
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

  fs::path path_of(const CsvRow& row) {
    const std::string& cell = row.cells[columns_.at("path")];
    if (cell.empty()) fail(row, "path is empty");
    const fs::path path = fs::path(cell).is_absolute() ? fs::path(cell) : root_ / cell;
    boost::system::error_code ignored;
    if (!fs::exists(path, ignored)) {
      if (const std::string foreign = foreign_path(cell); !foreign.empty())
        fail(row, "'" + to_utf8(cell) + "' " + foreign);
      ++missing_;
    } else if (!fs::is_regular_file(path, ignored)) {
      fail(row, "'" + to_utf8(cell) + "' is not a file");
    }
    return path.lexically_normal();
  }

  std::optional<Part> part_of(const CsvRow& row) const {
    const std::string name = text(row, "split");
    if (name.empty()) return std::nullopt;
    const std::optional<Part> part = part_named(name);
    if (!part) fail(row, "split is '" + name + "', expected " + kPartNames + ", or nothing");
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
  std::size_t missing_ = 0;                     // files that are not there
};

}  // namespace

Dataset read_csv_list(const fs::path& list, Labels labels) {
  return ListReader(list).read(labels);
}

}  // namespace steelsight
