#include "models/onednn/self_check.hpp"

#include <numeric>

#include "models/error.hpp"

namespace steelsight::onednn {
namespace {

// To a layout with padding and back.
std::vector<float> there_and_back(Context& context, std::vector<float> weights, const Dims& dims) {
  std::vector<float> back(weights.size());
  const dnnl::memory source(plain(dims), context.engine, weights.data());
  const dnnl::memory blocked(
      {dims, dnnl::memory::data_type::f32, dnnl::memory::format_tag::OIhw16i16o}, context.engine);
  const dnnl::memory target(plain(dims), context.engine, back.data());
  for (const auto& [from, to] : {std::pair{source, blocked}, std::pair{blocked, target}})
    dnnl::reorder(from, to).execute(context.stream, std::unordered_map<int, dnnl::memory>{
                                                        {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
  context.stream.wait();
  return back;
}

}  // namespace

// oneDNN 3.7 (Debian 13) plans for a cache of no size where an AMD processor doesn't tell it, as in
// some virtual machines: reorders to padded layouts then lose numbers without a word, so that
// gradients and integers are wrong, and sums divide by zero. The same on AArch64:
// https://github.com/uxlfoundation/oneDNN/issues/5313
void check_library(Context& context, const std::string& machine) {
  const Dims dims{5, 3, 3, 3};
  std::vector<float> weights(5UL * 3 * 3 * 3);
  std::iota(weights.begin(), weights.end(), 1.0f);
  if (there_and_back(context, weights, dims) == weights) return;
  throw BackendError(
      machine +
      ": oneDNN loses numbers here, weights in another layout are not the same ones. It happens "
      "where the processor hides the sizes of its caches, as in some virtual machines. Use another "
      "machine, or Debian 12, whose oneDNN 2.6 does without them");
}

}  // namespace steelsight::onednn
