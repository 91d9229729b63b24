#pragma once
// A data set as a table of numbers: CSV with a header and no column `path` (with one it is a list
// of images, csv_list.hpp). Every column is a feature, but
//   label   the class, UTF-8; empty: unlabelled
//   split   train, validation, test (datasets/part_name.hpp), or empty
//   group   rows of one group stay on one side of a split; empty: none
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace steelsight {

struct TableRow {
  std::size_t line = 0;  // of the file, from 1
  std::string label = {};
  std::optional<Part> part = {};
  std::string group = {};
  std::vector<double> values = {};                     // one for each feature; NaN where it is none
  std::map<std::size_t, std::string> no_numbers = {};  // the cells that are none, by feature
};

struct Table {
  fs::path file;
  std::vector<std::string> features;  // names of the columns, in their order, unique
  std::vector<TableRow> rows;

  // "table.csv:17", to name a row by.
  std::string where(const TableRow& row) const;
};

// is_table(): whether the file is a CSV whose header has no column `path`. is_labelled_table():
// whether it also has a column `label`. Throw as CsvReader.
bool is_table(const fs::path& file);
bool is_labelled_table(const fs::path& file);

// A cell that is not a number, or beyond the range of f32, stays in its row, as text. Throws
// DatasetError that names file and line: no row, no feature, a column without a name or there
// twice, one of names of images, an unknown split, a text that is not UTF-8. FileError if the file
// can't be read.
Table read_table(const fs::path& file);

// Sample i is row i; its path and name are `where`.
Dataset dataset_of_table(Table table);

// The hash of a row's numbers, whatever the order of the columns. Images have content_hash instead.
// values: one for each feature, none NaN.
std::uint64_t row_hash(const std::vector<std::string>& features, std::span<const double> values);

}  // namespace steelsight
