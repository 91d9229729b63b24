// Arrays of numpy.
#include "datasets/error.hpp"
#include "pipeline/extract/npy.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("features.npy");
  file.fill(fuzzing::text_of(data, size));
  const auto array = fuzzing::read_or_refuse<DatasetError>([&] { return read_npy(file.path()); });
  if (!array) return 0;
  std::size_t count = 1;
  for (const std::int64_t length : array->shape) count *= static_cast<std::size_t>(length);
  fuzzing::require(array->values.size() == count, "as many values as the shape says");
  return 0;
}
