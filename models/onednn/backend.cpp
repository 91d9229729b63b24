#include "models/backend.hpp"

#include <omp.h>

#include <sstream>

#include "core/atomic_file.hpp"
#include "core/resources.hpp"
#include "models/error.hpp"
#include "models/onednn/graph.hpp"
#include "models/onednn/self_check.hpp"
#include "models/quantization.hpp"

namespace steelsight {
namespace {

std::string instruction_set() {
  using Isa = dnnl::cpu_isa;
  switch (dnnl::get_effective_cpu_isa()) {
    case Isa::sse41:
      return "SSE4.1";
    case Isa::avx:
      return "AVX";
    case Isa::avx2:
      return "AVX2";
    case Isa::avx2_vnni:
      return "AVX2 with VNNI";
    case Isa::avx512_core:
      return "AVX-512";
    case Isa::avx512_core_vnni:
      return "AVX-512 with VNNI";
    case Isa::avx512_core_bf16:
      return "AVX-512 with VNNI and bf16";
    case Isa::avx512_core_amx:
      return "AVX-512 with AMX";
    default:
      return "newest instruction set";
  }
}

// As Linux knows it.
std::string cpu_name() {
  std::string text;
  try {
    text = read_file("/proc/cpuinfo");
  } catch (const FileError&) {  // no /proc
  }
  std::istringstream info(text);
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name") && line.find(": ") != std::string::npos)
      return line.substr(line.find(": ") + 2);
  return "CPU of unknown name";
}

std::string engine(int threads) {
  const dnnl::version_t* version = dnnl::version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch) + ", " + instruction_set() + ", " +
         std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

// OpenMP ends the program where it can't start its threads. Once it has started them, it keeps
// them.
void start_threads(int threads) {
  require_threads(static_cast<std::size_t>(threads - 1),
                  "the network shall run on " + std::to_string(threads) +
                      " threads (--threads), of which one is there");
#pragma omp parallel num_threads(threads)
  {}
}

}  // namespace

Backend::Backend(int threads, KernelConfig kernels)
    : threads_(threads == 0 ? omp_get_num_procs() : threads) {
  constexpr int kMaxThreads = 1024;
  if (threads < 0 || threads > kMaxThreads)
    throw BackendError("threads is " + std::to_string(threads) + ", expected 0 (all cores) to " +
                       std::to_string(kMaxThreads));
  start_threads(threads_);
  omp_set_num_threads(threads_);
  KernelChoices choices(std::move(kernels), machine());
  context_ = onednn::guarded("starting", [&] {
    auto context =
        std::make_unique<onednn::Context>(onednn::Context{.kernels = std::move(choices)});
    onednn::check_library(*context, machine());
    return context;
  });
}

Backend::~Backend() = default;

std::string Backend::description() const {
  const std::string kernels = context_->kernels.description();
  return engine(threads_) + (kernels.empty() ? "" : ", " + kernels);
}

std::string Backend::machine() const {
  return cpu_name() + "; " + engine(threads_);
}

const KernelTimings& Backend::kernels_used() const {
  return context_->kernels.used();
}
void Backend::use_kernels(const KernelTimings& timings) {
  context_->kernels.use(timings);
}

Backend::Untimed::Untimed(Backend& backend) : backend_(backend) {
  backend_.context().kernels.let_time(false);
}
Backend::Untimed::~Untimed() {
  backend_.context().kernels.let_time(true);
}

int Backend::largest_integer_weight() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
    case dnnl::cpu_isa::avx:
    case dnnl::cpu_isa::avx2:
    case dnnl::cpu_isa::avx512_core:
      return 64;
    default:
      return kLargestWeight;
  }
}

}  // namespace steelsight
