// Tables of numbers.
#include <algorithm>
#include <cmath>

#include "datasets/table.hpp"
#include "tests/fuzz/dataset_checks.hpp"

using namespace steelsight;

namespace {

// What a row's numbers promise.
void check_row(const Table& table, const TableRow& row) {
  fuzzing::require(row.values.size() == table.features.size(), "a value for each feature");
  for (std::size_t f = 0; f < row.values.size(); ++f)
    fuzzing::require(std::isfinite(row.values[f]) != row.no_numbers.contains(f),
                     "a finite number or the cell's text");
  if (row.no_numbers.empty()) row_hash(table.features, row.values);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("table.csv");
  file.fill(fuzzing::text_of(data, size));
  fuzzing::read_or_refuse<DatasetError>([&] { return is_labelled_table(file.path()); });
  auto table = fuzzing::read_or_refuse<DatasetError>([&] { return read_table(file.path()); });
  if (!table) return 0;
  for (const TableRow& row : table->rows) check_row(*table, row);
  const auto dataset =
      fuzzing::read_or_refuse<DatasetError>([&] { return dataset_of_table(std::move(*table)); });
  if (dataset) fuzzing::check_dataset(*dataset);
  return 0;
}
