// Lists of images.
#include "datasets/csv_list.hpp"
#include "tests/fuzz/dataset_checks.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile list("list.csv");
  list.fill(fuzzing::text_of(data, size));
  const auto dataset = fuzzing::read_or_refuse<DatasetError>(
      [&] { return read_csv_list(list.path(), Labels::optional); });
  if (dataset) fuzzing::check_dataset(*dataset);
  return 0;
}
