#pragma once
// The engine that computes: oneDNN on this machine's CPU. Made once, in main or a test, and passed
// by reference. Networks are built and run on the thread that made the backend.
#include <memory>
#include <string>

namespace steelsight {

namespace onednn {
struct Context;
}

class Backend {
 public:
  // threads: 1 or more; 0: one for every core this process may use. Throws BackendError.
  explicit Backend(int threads = 0);
  ~Backend();

  int threads() const { return threads_; }
  // "oneDNN 2.6.3, AVX-512 with VNNI, 2 threads"
  std::string description() const;

  // Of integer weights (models/quantization.hpp). Without VNNI, two products of 8-bit integers are
  // summed in 16 bits, which overflow beyond 64: 255 * 64 * 2 = 32640.
  static int largest_integer_weight();

  onednn::Context& context() { return *context_; }  // for models/onednn/ only

 private:
  std::unique_ptr<onednn::Context> context_;
  int threads_;
};

}  // namespace steelsight
