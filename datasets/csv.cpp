#include "datasets/csv.hpp"

#include <csv.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "core/descriptor.hpp"
#include "datasets/error.hpp"

namespace steelsight {

// Feeds libcsv one piece at a time; a piece ends with a line feed or with the block that was read,
// so that at most one well-formed row ends in it and line numbers are known.
class CsvReader::Parser {
 public:
  Parser(fs::path file, CsvLimits limits)
      : file_(std::move(file)), limits_(limits), in_(open_to_read(file_)) {
    if (csv_init(&csv_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_space_func(&csv_, [](unsigned char) { return 0; });  // spaces belong to the cell
  }
  ~Parser() { csv_free(&csv_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool next(CsvRow& row) {
    while (!finished_rows_) {
      if (block_.empty() && !read_block()) return finish(row);
      feed(take_piece());
    }
    return deliver(row);
  }

  std::string where(std::size_t line) const { return file_.string() + ":" + std::to_string(line); }

 private:
  // False at the end of the file.
  bool read_block() {
    std::size_t filled = 0;
    while (const std::size_t got =
               read_some(in_, buffer_.data() + filled, buffer_.size() - filled, file_)) {
      filled += got;
      if (filled == buffer_.size()) break;
    }
    block_ = std::string_view(buffer_.data(), filled);
    if (bytes_ == 0) skip_byte_order_mark();
    bytes_ += block_.size();
    if (bytes_ > limits_.max_file_bytes)
      throw DatasetError(file_.string() + ": file is larger than the limit of " +
                         std::to_string(limits_.max_file_bytes) + " bytes");
    if (block_.find('\0') != std::string_view::npos)
      throw DatasetError(file_.string() + ": has a NUL byte, expected text; save it as CSV UTF-8");
    return !block_.empty();
  }

  void skip_byte_order_mark() {
    if (block_.starts_with("\xFF\xFE") || block_.starts_with("\xFE\xFF"))
      throw DatasetError(file_.string() + ": text is UTF-16, expected UTF-8; save it as CSV UTF-8");
    if (block_.starts_with("\xEF\xBB\xBF")) block_.remove_prefix(3);
  }

  std::string_view take_piece() {
    const std::size_t end = std::min(block_.find('\n'), block_.size() - 1) + 1;
    const std::string_view piece = block_.substr(0, end);
    block_.remove_prefix(end);
    return piece;
  }

  void feed(std::string_view piece) {
    const bool ends_line = piece.back() == '\n';
    if (!row_line_) piece.remove_prefix(std::min(piece.find_first_not_of("\r\n"), piece.size()));
    if (!piece.empty()) {
      if (!row_line_) begin_row();
      row_bytes_ += piece.size();
      if (row_bytes_ > limits_.max_row_bytes)
        throw DatasetError(where(*row_line_) + ": row is longer than the limit of " +
                           std::to_string(limits_.max_row_bytes) +
                           " bytes; is a closing quote missing?");
      if (csv_parse(&csv_, piece.data(), piece.size(), &add_cell, &end_row, this) != piece.size())
        throw_parse_error();
      const char last = piece.back();
      if (finished_rows_ > 1 || (finished_rows_ == 1 && last != '\n' && last != '\r'))
        throw_bare_return();
    }
    if (finished_rows_ == 1) last_end_ = line_;
    if (ends_line) ++line_;
  }

  void begin_row() {
    if (last_end_ == line_) throw_bare_return();
    row_line_ = line_;
    row_bytes_ = 0;
  }

  bool finish(CsvRow& row) {
    if (csv_fini(&csv_, &add_cell, &end_row, this) != 0) {
      if (csv_error(&csv_) == CSV_ENOMEM) throw std::bad_alloc();
      throw DatasetError(where(row_line_.value_or(line_)) +
                         ": a quoted cell of this row is never closed");
    }
    return finished_rows_ == 1 && deliver(row);
  }

  bool deliver(CsvRow& row) {
    row.line = *row_line_;
    row.cells = std::exchange(cells_, {});
    row_line_.reset();
    finished_rows_ = 0;
    if (width_ == 0) {
      width_ = row.cells.size();
      expect_commas(row);
    }
    if (row.cells.size() != width_)
      throw DatasetError(where(row.line) + ": row has " + std::to_string(row.cells.size()) +
                         " cells, expected " + std::to_string(width_) + " as in the first row");
    return true;
  }

  // Where commas divide nothing but semicolons or tabs could, they are meant to.
  void expect_commas(const CsvRow& first) const {
    const std::string& cell = first.cells[0];
    const std::size_t other = cell.find_first_of(";\t");
    if (first.cells.size() == 1 && other != std::string::npos)
      throw DatasetError(where(first.line) + ": the columns are divided by " +
                         (cell[other] == ';' ? "';'" : "tabs") +
                         "; save it with commas (and with points in numbers)");
    if (cell.starts_with("sep="))
      throw DatasetError(where(first.line) + ": the line '" + cell +
                         "' is for Excel alone; remove it");
  }

  [[noreturn]] void throw_parse_error() {
    if (csv_error(&csv_) == CSV_ENOMEM) throw std::bad_alloc();
    throw DatasetError(where(line_) +
                       ": stray quote; a cell with a quote in it is written \"like \"\"this\"\"\"");
  }

  [[noreturn]] void throw_bare_return() const {
    throw DatasetError(where(line_) +
                       ": carriage return without line feed outside quotes; save it "
                       "with the line ends of Linux or Windows");
  }

  // libcsv is C: nothing may be thrown through it.
  static void add_cell(void* text, std::size_t size, void* self) noexcept {
    static_cast<Parser*>(self)->cells_.emplace_back(static_cast<const char*>(text), size);
  }
  static void end_row(int, void* self) noexcept { ++static_cast<Parser*>(self)->finished_rows_; }

  const fs::path file_;
  const CsvLimits limits_;
  const Descriptor in_;
  csv_parser csv_{};
  std::array<char, 1 << 16> buffer_{};
  std::string_view block_;  // what of buffer_ is not parsed yet
  std::size_t bytes_ = 0;
  std::size_t line_ = 1;
  std::size_t last_end_ = 0;             // line on which the last row ended
  std::optional<std::size_t> row_line_;  // where the row being parsed starts
  std::size_t row_bytes_ = 0;
  std::vector<std::string> cells_;
  int finished_rows_ = 0;
  std::size_t width_ = 0;
};

CsvReader::CsvReader(fs::path file, CsvLimits limits)
    : parser_(std::make_unique<Parser>(std::move(file), limits)) {}
CsvReader::~CsvReader() = default;

bool CsvReader::next(CsvRow& row) {
  return parser_->next(row);
}
std::string CsvReader::where(const CsvRow& row) const {
  return parser_->where(row.line);
}

namespace {

// A file's first cell would be taken for the mark, and not be read back.
bool begins_with_byte_order_mark(const std::string& cell) {
  return cell.starts_with("\xEF\xBB\xBF") || cell.starts_with("\xFF\xFE") ||
         cell.starts_with("\xFE\xFF");
}

// Spaces at the ends are quoted too: RFC 4180 keeps them, some programs don't.
bool needs_quotes(const std::string& cell) {
  return cell.find_first_of(",\"\r\n") != std::string::npos || begins_with_byte_order_mark(cell) ||
         (!cell.empty() && (cell.front() == ' ' || cell.back() == ' '));
}

void append_quoted(std::string& text, const std::string& cell) {
  text += '"';
  for (const char c : cell) text.append(c == '"' ? 2 : 1, c);
  text += '"';
}

// Behind any apostrophes.
bool looks_like_formula(const std::string& text) {
  const std::size_t start = text.find_first_not_of('\'');
  return start != std::string::npos &&
         std::string_view("=+-@\t\r").find(text[start]) != std::string_view::npos;
}

}  // namespace

std::string text_cell(const std::string& text) {
  return looks_like_formula(text) ? "'" + text : text;
}

std::string text_of_cell(const std::string& cell) {
  return cell.starts_with('\'') && looks_like_formula(cell) ? cell.substr(1) : cell;
}

std::string csv_row(const std::vector<std::string>& cells) {
  const bool looks_blank = cells.size() == 1 && cells[0].empty();
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += ',';
    if (looks_blank || needs_quotes(cells[i]))
      append_quoted(text, cells[i]);
    else
      text += cells[i];
  }
  return text + '\n';
}

}  // namespace steelsight
