#pragma once
// The order in which layers become steps, with activations merged into the layers before them.
#include <oneapi/dnnl/dnnl_debug.h>

#include <functional>
#include <utility>
#include <vector>

#include "core/resources.hpp"
#include "models/error.hpp"
#include "models/onednn/layers.hpp"
#include "models/spec.hpp"

namespace steelsight::onednn {

struct Node {
  const LayerSpec* layer;           // of the spec, which must outlive the node
  const LayerSpec* activation;      // computed along with it, or null
  std::vector<std::size_t> inputs;  // values: 0 is the network's input
  std::size_t output;               // value
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Shape> shapes;         // for each value, without N
  std::vector<std::size_t> readers;  // for each value; the network's output counts as one
  std::size_t output;                // value
};

Graph plan(const NetworkSpec& spec, Mode mode);

// Dims of a batch: N in front of the shape. Throws std::invalid_argument for N below 1.
Dims batch_dims(std::int64_t batch_size, const Shape& shape);

// What oneDNN throws becomes a BackendError that says what was being done. It makes some kernels
// when they are run first and doesn't look whether there was memory for them: so that is asked for,
// and std::bad_alloc thrown.
inline constexpr std::size_t kKernelBytes = std::size_t{32} << 20;
template <class Function>
auto guarded(const char* doing, Function&& function) {
  require_memory(kKernelBytes);
  try {
    return std::forward<Function>(function)();
  } catch (const dnnl::error& error) {
    throw BackendError(std::string("oneDNN failed while ") + doing + ": " + error.what() +
                       " (status " + dnnl_status2str(error.status) + ")");
  }
}

}  // namespace steelsight::onednn
