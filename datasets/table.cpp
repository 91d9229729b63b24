#include "datasets/table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "core/content_hash.hpp"
#include "datasets/csv.hpp"
#include "datasets/dataset_builder.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/part_name.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

constexpr char kExpectedColumns[] =
    "expected a column label and columns of numbers (or path,label for a list of images)";

// The number that a cell is, with blanks around and at most one sign. What is beyond the range of
// f32, in which networks compute, is none.
std::optional<double> number_in(std::string_view cell) {
  const std::size_t first = cell.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  cell = cell.substr(first, cell.find_last_not_of(" \t") + 1 - first);
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool is_number = error == std::errc() && end == cell.data() + cell.size();
  if (!is_number || !(std::abs(value) <= double{std::numeric_limits<float>::max()}))
    return std::nullopt;
  return value;
}

// The columns of the header; none if the file is no CSV or is empty.
std::vector<std::string> columns_of(const fs::path& file) {
  if (ascii_lower(file.extension().native()) != ".csv") return {};
  CsvReader reader(file);
  CsvRow header;
  reader.next(header);
  return header.cells;
}

class TableReader {
 public:
  explicit TableReader(const fs::path& file) : reader_(file) { table_.file = file; }

  Table read() {
    CsvRow row;
    if (!reader_.next(row)) fail({1, {}}, std::string("empty, ") + kExpectedColumns);
    read_header(row);
    while (reader_.next(row)) table_.rows.push_back(read_row(row));
    if (table_.rows.empty()) fail(row, "no row follows the header");
    return std::move(table_);
  }

 private:
  void read_header(const CsvRow& header) {
    header_ = header.cells;
    std::set<std::string> seen;
    for (const std::string& name : header_) {
      if (name.empty() || !is_utf8(name))
        fail(header, "column '" + to_utf8(name) + "' has no name in UTF-8");
      if (!seen.insert(name).second) fail(header, "column '" + name + "' is there twice");
      if (!is_description(name)) table_.features.push_back(name);
    }
    if (table_.features.empty()) fail(header, std::string("has no feature, ") + kExpectedColumns);
  }

  static bool is_description(const std::string& column) {
    return column == "label" || column == "split" || column == "group";
  }

  TableRow read_row(const CsvRow& cells) const {
    TableRow row{.line = cells.line};
    for (std::size_t i = 0; i < header_.size(); ++i) {
      const std::string& cell = cells.cells[i];
      if (is_description(header_[i])) {
        describe(row, cells, i);
        continue;
      }
      const std::optional<double> value = number_in(cell);
      if (!value && has_image_extension(cell))
        fail(cells, header_[i] + " is '" + to_utf8(cell) +
                        "', expected a number; a list of images "
                        "has its names in a column 'path'");
      if (!value) row.no_numbers.emplace(row.values.size(), cell);
      row.values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    return row;
  }

  void describe(TableRow& row, const CsvRow& cells, std::size_t column) const {
    const std::string& name = header_[column];
    const std::string& cell = cells.cells[column];
    if (!is_utf8(cell))
      fail(cells, name + " '" + to_utf8(cell) + "' is not UTF-8; save the table as CSV UTF-8");
    if (name == "label") row.label = cell;
    if (name == "group") row.group = cell;
    if (name != "split" || cell.empty()) return;
    row.part = part_named(cell);
    if (!row.part) fail(cells, "split is '" + cell + "', expected " + kPartNames + ", or nothing");
  }

  [[noreturn]] void fail(const CsvRow& row, const std::string& what) const {
    throw DatasetError(reader_.where(row) + ": " + what);
  }

  CsvReader reader_;
  std::vector<std::string> header_;
  Table table_;
};

}  // namespace

std::string Table::where(const TableRow& row) const {
  return file.string() + ":" + std::to_string(row.line);
}

bool is_table(const fs::path& file) {
  const std::vector<std::string> columns = columns_of(file);
  return !columns.empty() && std::ranges::find(columns, "path") == columns.end();
}

bool is_labelled_table(const fs::path& file) {
  const std::vector<std::string> columns = columns_of(file);
  return is_table(file) && std::ranges::find(columns, "label") != columns.end();
}

Table read_table(const fs::path& file) {
  return TableReader(file).read();
}

Dataset dataset_of_table(Table table) {
  DatasetBuilder builder(table.file, Layout::table);
  const std::string file_name = to_utf8(table.file.filename().string());
  for (const TableRow& row : table.rows)
    builder.add({.path = table.where(row),
                 .name = file_name + ":" + std::to_string(row.line),
                 .label = std::nullopt,
                 .part = row.part,
                 .group = row.group},
                row.label.empty() ? std::nullopt : std::optional(row.label));
  Dataset dataset = builder.finish();  // natural order of names is that of the lines
  dataset.table = std::make_shared<const Table>(std::move(table));
  return dataset;
}

std::uint64_t row_hash(const std::vector<std::string>& features, std::span<const double> values) {
  std::vector<std::size_t> order(features.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return features[i]; });
  std::vector<double> sorted;
  for (const std::size_t i : order) sorted.push_back(values[i] + 0.0);  // -0 is 0
  return content_hash(sorted.data(), sorted.size() * sizeof(double));
}

}  // namespace steelsight
