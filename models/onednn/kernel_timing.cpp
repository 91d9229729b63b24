#include "models/onednn/kernel_timing.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace steelsight::onednn {
namespace {

using Buffers = std::unordered_map<int, std::shared_ptr<void>>;  // by argument

// What both candidates work on, in turns: a buffer for each argument, large enough for both.
Buffers shared_buffers(const Candidate& one, const Candidate& other) {
  std::unordered_map<int, Desc> larger = one.args;
  for (const auto& [arg, desc] : other.args) {
    const auto [place, is_new] = larger.emplace(arg, desc);
    if (!is_new && place->second.get_size() < desc.get_size()) place->second = desc;
  }
  Buffers buffers;
  for (const auto& [arg, desc] : larger) {
    buffers[arg] = aligned_buffer(desc.get_size());
    // Pages that were never written to are all the same one, which would stay in the cache.
    std::fill_n(static_cast<float*>(buffers[arg].get()), desc.get_size() / sizeof(float), 1.0f);
  }
  return buffers;
}

Step step_on(const Buffers& buffers, const Candidate& candidate, const dnnl::engine& engine) {
  Step step{candidate.primitive, {}};
  for (const auto& [arg, desc] : candidate.args)
    step.args.emplace(arg, dnnl::memory(desc, engine, buffers.at(arg).get()));
  return step;
}

double milliseconds(const Step& step, dnnl::stream& stream) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  step.primitive.execute(stream, step.args);
  stream.wait();
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

}  // namespace

std::mutex& timing_mutex() {
  static std::mutex mutex;
  return mutex;
}

KernelTiming time_kernels(Context& context, const Candidate& direct, const Candidate& winograd) {
  constexpr int kLeast = 3, kMost = 50;
  constexpr double kEnoughMs = 200;  // small kernels are through with kMost long before, unless
                                     // other programs disturb them
  const auto buffers = shared_buffers(direct, winograd);
  const Step steps[] = {step_on(buffers, direct, context.engine),
                        step_on(buffers, winograd, context.engine)};
  for (const Step& step : steps) milliseconds(step, context.stream);
  // Other programs only make a run slower: the fastest is closest to the kernel's own time.
  double fastest[2], spent = 0;
  std::ranges::fill(fastest, std::numeric_limits<double>::infinity());
  for (int round = 0; round < kLeast || (round < kMost && spent < kEnoughMs); ++round) {
    for (int i = 0; i < 2; ++i) {
      const double ms = milliseconds(steps[i], context.stream);
      fastest[i] = std::min(fastest[i], ms);
      spent += ms;
    }
  }
  return {.direct_ms = fastest[0], .winograd_ms = fastest[1]};
}

}  // namespace steelsight::onednn
