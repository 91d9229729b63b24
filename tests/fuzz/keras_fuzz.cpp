// Weights files of Keras. HDF5's library reads them in a process of its own and may crash there;
// what it sends, and its end, must not do more than refuse the file.
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>

#include <csignal>

#include "models/error.hpp"
#include "models/keras_file.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

// In the other process a crash is none of the fuzzer's.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ::pthread_atfork(nullptr, nullptr, [] {
    __sanitizer_set_death_callback(nullptr);
    for (const int crash : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(crash, SIG_DFL);
  });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("weights.h5");
  file.fill(fuzzing::text_of(data, size));
  const auto layers =
      fuzzing::read_or_refuse<ModelError>([&] { return read_keras_file(file.path()); });
  if (!layers) return 0;
  for (const KerasLayer& layer : *layers) {
    fuzzing::require(!layer.weights.empty(), "layers with weights");
    for (const KerasTensor& weight : layer.weights)
      fuzzing::require(
          std::cmp_equal(weight.tensor.values.size(), element_count(weight.tensor.shape)),
          "as many values as the shape says");
  }
  return 0;
}
