// A step of training works in memory that was there before: what the C library hands out meanwhile
// are the tables of arguments of oneDNN's calls, which are of the size of a few pointers each, and
// what oneDNN's products of matrices pack.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "models/loss.hpp"
#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/zoo.hpp"

namespace {

std::atomic<std::size_t> g_largest{0};

void count(std::size_t bytes) {
  std::size_t largest = g_largest;
  while (bytes > largest && !g_largest.compare_exchange_weak(largest, bytes)) {
  }
}

}  // namespace

// All allocations of the process, also those within libraries, go through these.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's names
void* __libc_malloc(std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void* __libc_calloc(std::size_t items, std::size_t bytes);
void* __libc_realloc(void* old, std::size_t bytes);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* malloc(std::size_t bytes) {
  count(bytes);
  return __libc_malloc(bytes);
}
void* calloc(std::size_t items, std::size_t bytes) {
  count(items * bytes);
  return __libc_calloc(items, bytes);
}
void* realloc(void* old, std::size_t bytes) {
  count(bytes);
  return __libc_realloc(old, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
  count(bytes);
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return memalign(alignment, bytes);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) {
  *result = memalign(alignment, bytes);
  return *result == nullptr ? ENOMEM : 0;
}
}

namespace steelsight::training_memory_test {
namespace {

TEST(TrainingStep, AllocatesNoBuffers) {
  Backend backend(2);
  const NetworkSpec spec =
      vgg16_slim({.classes = 3, .width = 0.25, .input = {1, 128, 128}, .dropout = 0.2f});
  TensorMap parameters;
  Random random(1);
  for (const ParameterSpec& p : parameter_specs(spec)) {
    Tensor& tensor = parameters[p.name] = {p.shape, {}};
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(random.uniform(0.01f, 0.1f));
  }
  constexpr std::int64_t kBatch = 8;
  TrainingNetwork network(backend, spec, std::move(parameters), {.batch_size = kBatch});
  std::vector<ParameterView> views;
  for (auto& [name, gradient] : network.gradients())
    views.push_back({name, network.parameters().at(name).values, gradient.values});
  Optimizer optimizer({.kind = OptimizerKind::adam}, views);
  const std::vector<int> labels(kBatch, 1);
  const auto step = [&] {
    std::ranges::fill(network.input(), 0.5f);
    compute_loss({}, network.forward(Random(2)), labels, network.output_gradient());
    network.backward();
    optimizer.step(views, 1e-3);
  };
  step();  // OpenMP starts its threads, the loss its tables
  g_largest = 0;
  const std::vector<char> seen(100'000);
  EXPECT_GE(g_largest, seen.size()) << "the counter counts nothing";
  g_largest = 0;
  for (int i = 0; i < 3; ++i) step();
  // The smallest activations of this network, 4x4 in block 5, take 64 KiB. Without AVX-512 oneDNN's
  // products of matrices pack their operands into 16 KiB of their own.
  EXPECT_LT(g_largest, 32768u);
}

}  // namespace
}  // namespace steelsight::training_memory_test
