#pragma once
// Which algorithm each convolution runs with: direct, or Winograd's, which multiplies less and
// moves more. Which is faster depends on the shape and on the machine, so both are timed there
// (models/onednn/kernel_timing.hpp), once: the times are kept in a file that several processes
// share.
//
//   {"format": "steelsight kernels 1",
//    "machines": {"<CPU>; oneDNN 2.6.3, AVX-512, 2 threads":
//                 {"inference 8x64x56x56, 128 of 3x3, stride 1, pad 1, bias, relu":
//                  {"direct_ms": 4.1, "winograd_ms": 2.9}}}}
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/filesystem.hpp"
#include "core/json_object.hpp"

namespace steelsight {

enum class ConvAlgorithm { direct, winograd };

// Milliseconds of one convolution, the fastest of several runs.
struct KernelTiming {
  double direct_ms = 0;
  double winograd_ms = 0;

  // Winograd has to win by a twentieth: a near-tie goes to direct, which rounds less.
  ConvAlgorithm chosen() const {
    return winograd_ms < 0.95 * direct_ms ? ConvAlgorithm::winograd : ConvAlgorithm::direct;
  }
};

using KernelTimings = std::map<std::string, KernelTiming>;    // by convolution
using MachineKernels = std::map<std::string, KernelTimings>;  // by machine

struct KernelConfig {
  enum class Policy {
    direct,  // always: the result depends on nothing that was timed
    timed,   // the faster one
    pinned,  // as `file` says, which stays as it is; direct where it says nothing
  };
  Policy policy = Policy::direct;
  fs::path file = {};  // timed: where times are kept; empty: in memory alone
  // Told, once, why that file can't be written; empty: nobody.
  std::function<void(const std::string&)> warn = {};
};

// Strict; throws ConfigError with `path`.
Json to_json(const KernelTimings& timings);
KernelTimings kernel_timings_from_json(const Json& json, const std::string& path);

// Throws ConfigError, which names the file, for anything that is not such a file, FileError.
MachineKernels read_kernel_file(const fs::path& file);

class KernelChoices {
 public:
  // Pinned: throws ConfigError as read_kernel_file(), and if the file knows nothing of `machine`.
  // Timed: a file that is missing or damaged is begun anew.
  KernelChoices(KernelConfig config, std::string machine);

  // What results may depend on: "" (direct), "timed kernels", or "kernels <16 hexadecimal digits>"
  // of what a pinned file chooses on this machine.
  std::string description() const;

  // The kernel to use; nothing: it is to be timed.
  std::optional<ConvAlgorithm> find(const std::string& convolution);
  // Keeps what was timed, and gives the choice that holds from now on: that of the process which
  // kept its times first, so that all processes compute the same. A file that can't be written is
  // no error: the times are then kept in memory, and config.warn is told.
  ConvAlgorithm keep(const std::string& convolution, const KernelTiming& timing);

  // used(): the timings that choices were made by so far. use(): choose by these again, whatever
  // was timed since. Both are about timed kernels alone: the others are always the same.
  const KernelTimings& used() const { return used_; }
  void use(const KernelTimings& timings);

  // Whether kernels are timed where the policy says so; if not, they are direct.
  void let_time(bool timed) { timed_ = timed; }

 private:
  KernelConfig::Policy policy() const;
  ConvAlgorithm note_use(const std::string& convolution, const KernelTiming& timing);
  void share(const std::string& convolution, const KernelTiming& timing);

  const KernelConfig config_;
  const std::string machine_;
  KernelTimings timings_, used_;
  bool timed_ = true;
  bool warned_ = false;
};

}  // namespace steelsight
