// CSV: rows come back as they were, and so does what csv_row() makes of them.
#include "datasets/csv.hpp"
#include "datasets/error.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::optional<Rows> read(const fs::path& file) {
  constexpr CsvLimits kLimits{.max_row_bytes = 1 << 10, .max_file_bytes = 1 << 13};
  return fuzzing::read_or_refuse<DatasetError>([&] {
    CsvReader reader(file, kLimits);
    Rows rows;
    for (CsvRow row; reader.next(row);) rows.push_back(row.cells);
    return rows;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile given("given.csv"), written("written.csv");
  const std::optional<Rows> rows = read(given.fill(fuzzing::text_of(data, size)));
  if (!rows) return 0;
  std::string text;
  for (const auto& cells : *rows) {
    fuzzing::require(cells.size() == rows->front().size(), "rows of one length");
    text += csv_row(cells);
  }
  const std::optional<Rows> again = read(written.fill(text));
  // Quotes may take the text over the limits.
  fuzzing::require(!again || *again == *rows, "the same rows, read, written and read");
  fuzzing::require(again || text.size() > size, "rows that can be read again");
  return 0;
}
