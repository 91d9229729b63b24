#include "models/onednn/segments.hpp"

#include <algorithm>

namespace steelsight::onednn {
namespace {

std::int64_t largest_divisor(std::int64_t batch_size, std::size_t most) {
  std::int64_t divisor = std::clamp<std::int64_t>(static_cast<std::int64_t>(most), 1, batch_size);
  while (batch_size % divisor != 0) --divisor;
  return divisor;
}

// Bytes of a value, and of all that a node reads and writes, for one image.
std::size_t bytes_of(const Graph& graph, std::size_t value) {
  return static_cast<std::size_t>(element_count(graph.shapes[value])) * sizeof(float);
}
std::size_t bytes_at(const Graph& graph, const Node& node) {
  std::size_t sum = bytes_of(graph, node.output);
  for (const std::size_t input : node.inputs) sum += bytes_of(graph, input);
  return sum;
}

}  // namespace

std::int64_t images_at_once(const Graph& graph, std::int64_t batch_size, std::size_t most_bytes) {
  constexpr std::size_t kEnough = 8;  // for weights to be read seldom enough
  std::size_t largest = 1;
  for (const Node& node : graph.nodes) largest = std::max(largest, bytes_at(graph, node));
  return std::min(batch_size, static_cast<std::int64_t>(std::max(kEnough, most_bytes / largest)));
}

std::vector<Segment> plan_segments(const Graph& graph, std::int64_t batch_size,
                                   std::size_t most_bytes) {
  std::vector<Segment> segments;
  std::vector<std::size_t> readers = graph.readers;
  std::size_t alive = bytes_of(graph, 0);  // bytes of an image still to be read
  Segment current{0, 0, batch_size};
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    for (const std::size_t input : node.inputs)
      if (--readers[input] == 0) alive -= bytes_of(graph, input);
    alive += bytes_of(graph, node.output);
    current.images =
        std::min(current.images, largest_divisor(batch_size, most_bytes / bytes_at(graph, node)));
    current.end = i + 1;
    const bool can_end = static_cast<std::size_t>(batch_size) * alive <= most_bytes;
    if (!can_end && current.end < graph.nodes.size()) continue;
    if (!segments.empty() && segments.back().images == current.images)
      segments.back().end = current.end;
    else
      segments.push_back(current);
    current = {current.end, current.end, batch_size};
  }
  return segments;
}

}  // namespace steelsight::onednn
