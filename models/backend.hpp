#pragma once
// The engine that computes: oneDNN on this machine's CPU. Made once, in main or a test, and passed
// by reference. Networks are built and run on the thread that made the backend.
#include <memory>
#include <string>

#include "models/kernel_choices.hpp"

namespace steelsight {

namespace onednn {
struct Context;
}

class Backend {
 public:
  // threads: 1 or more; 0: one for every core this process may use. kernels: how the algorithm of
  // each convolution is chosen. Throws BackendError, and ConfigError for a file of pinned kernels.
  explicit Backend(int threads = 0, KernelConfig kernels = {});
  ~Backend();

  int threads() const { return threads_; }
  // "oneDNN 2.6.3, AVX-512 with VNNI, 2 threads": what a result's last bits depend on. Kernels that
  // are not direct are named, too.
  std::string description() const;
  // The CPU's name and the engine: what the times of kernels depend on.
  std::string machine() const;

  // Which kernels its networks were built with by timing, and building them with those again.
  const KernelTimings& kernels_used() const;
  void use_kernels(const KernelTimings& timings);

  // While one lives, kernels that would be timed are direct: for outputs that are kept longer than
  // times are. Pinned ones stay.
  class Untimed {
   public:
    explicit Untimed(Backend& backend);
    ~Untimed();
    Untimed(const Untimed&) = delete;
    Untimed& operator=(const Untimed&) = delete;

   private:
    Backend& backend_;
  };

  // The largest integer weight (models/quantization.hpp). Without VNNI, two products of 8-bit
  // integers are summed in 16 bits, which overflow beyond 64: 255 * 64 * 2 = 32640.
  static int largest_integer_weight();

  onednn::Context& context() { return *context_; }  // for models/onednn/ only

 private:
  std::unique_ptr<onednn::Context> context_;
  int threads_;
};

}  // namespace steelsight
