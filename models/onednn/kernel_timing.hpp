#pragma once
// Picks the algorithm of a convolution by timing the two that there are.
#include <mutex>
#include <optional>
#include <string>

#include "models/onednn/builder.hpp"

namespace steelsight::onednn {

// A primitive that can be timed, and the descriptors of what it reads and writes.
struct Candidate {
  dnnl::primitive primitive;
  std::unordered_map<int, Desc> args;
};

// Held from asking for a choice to keeping it: the threads of a process don't time at once.
std::mutex& timing_mutex();

// Runs both in turns, on buffers that both use, after a run that doesn't count.
KernelTiming time_kernels(Context& context, const Candidate& direct, const Candidate& winograd);

template <class Primitive, class PrimitiveDesc>
Candidate candidate(const PrimitiveDesc& pd) {
  Candidate made{Primitive(pd), {}};
  for (const int arg :
       {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST, DNNL_ARG_DIFF_SRC,
        DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_DIFF_DST, DNNL_ARG_SCRATCHPAD}) {
    const Desc desc = pd.query_md(dnnl::query::exec_arg_md, arg);
    if (desc.get_size() > 0) made.args.emplace(arg, desc);
  }
  return made;
}

// The primitive descriptor of the chosen algorithm. `describe` makes it for an algorithm;
// `convolution` identifies the convolution: pass, shapes and all that its time depends on.
template <class Primitive, class Describe>
auto choose_kernel(Context& context, const std::string& convolution, const Describe& describe) {
  const std::lock_guard lock(timing_mutex());
  auto direct = describe(dnnl::algorithm::convolution_direct);
  std::optional<ConvAlgorithm> choice = context.kernels.find(convolution);
  if (choice == ConvAlgorithm::direct) return direct;
  std::optional<std::decay_t<decltype(direct)>> winograd;
  try {
    winograd = describe(dnnl::algorithm::convolution_winograd);
  } catch (const dnnl::error& error) {
    // Not for this shape, this CPU, or this version of oneDNN: 3.2 and later have none on x86.
    if (error.status != dnnl_unimplemented) throw;
    return direct;
  }
  if (!choice)
    choice = context.kernels.keep(convolution, time_kernels(context, candidate<Primitive>(direct),
                                                            candidate<Primitive>(*winograd)));
  return choice == ConvAlgorithm::winograd ? *winograd : direct;
}

}  // namespace steelsight::onednn
