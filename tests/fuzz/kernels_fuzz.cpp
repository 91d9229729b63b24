// Files of timed kernels.
#include "models/kernel_choices.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("kernels.json");
  file.fill(fuzzing::text_of(data, size));
  const auto kernels =
      fuzzing::read_or_refuse<ConfigError>([&] { return read_kernel_file(file.path()); });
  if (!kernels) return 0;
  for (const auto& [machine, timings] : *kernels) {
    const Json json = to_json(timings);
    fuzzing::require(to_json(kernel_timings_from_json(json, "")) == json, "the same times");
    KernelChoices choices({.policy = KernelConfig::Policy::pinned, .file = file.path()}, machine);
    for (const auto& [convolution, timing] : timings)
      fuzzing::require(choices.find(convolution) == timing.chosen(), "the choice of the file");
  }
  return 0;
}
