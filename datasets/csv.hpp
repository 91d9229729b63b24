#pragma once
// CSV as RFC 4180 defines it, parsed by libcsv: rows of cells, each a text that comes back exactly
// as it was written.
//
//   CsvReader reader("list.csv");
//   for (CsvRow row; reader.next(row);) use(row.cells);
//
// Tolerated: a UTF-8 byte order mark, LF or CRLF, blank lines, no line end after the last row.
// Everything else is a DatasetError that says file and line: a quote inside an unquoted cell, text
// after a closing quote, an unclosed quote, a bare carriage return, a NUL byte, UTF-16, rows of
// different length, columns that semicolons or tabs divide.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct CsvRow {
  std::size_t line = 0;  // on which the row starts, from 1
  std::vector<std::string> cells;
};

struct CsvLimits {
  std::size_t max_row_bytes = std::size_t{1} << 20;
  std::size_t max_file_bytes = std::size_t{1} << 30;
};

// Holds one row and one block of the file in memory, whatever the file's size.
class CsvReader {
 public:
  // Throws FileError if the file can't be opened.
  explicit CsvReader(fs::path file, CsvLimits limits = {});
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // False at the end of the file; `row` is then as before. Throws DatasetError, FileError.
  bool next(CsvRow& row);

  // "list.csv:7", to start messages with.
  std::string where(const CsvRow& row) const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// A text that a spreadsheet does not take for a formula: one that begins with = + - @, a tab or a
// carriage return gets an apostrophe in front, which spreadsheets read as "this is text"; and so do
// texts that begin with such an apostrophe, so that text_of_cell() gives each text back. For cells
// with names, not for numbers.
std::string text_cell(const std::string& text);
std::string text_of_cell(const std::string& cell);

// The row as text, with a line feed at its end. Quotes only the cells that need it.
std::string csv_row(const std::vector<std::string>& cells);

}  // namespace steelsight
