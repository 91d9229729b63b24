#include "models/backend.hpp"

#include <omp.h>

#include "models/error.hpp"
#include "models/onednn/graph.hpp"
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

}  // namespace

Backend::Backend(int threads) : threads_(threads == 0 ? omp_get_num_procs() : threads) {
  constexpr int kMaxThreads = 1024;
  if (threads < 0 || threads > kMaxThreads)
    throw BackendError("threads is " + std::to_string(threads) + ", expected 0 (all cores) to " +
                       std::to_string(kMaxThreads));
  omp_set_num_threads(threads_);
  context_ = onednn::guarded("starting", [] { return std::make_unique<onednn::Context>(); });
}

Backend::~Backend() = default;

std::string Backend::description() const {
  const dnnl::version_t* version = dnnl::version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch) + ", " + instruction_set() + ", " +
         std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
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
