#pragma once
// Which layers of a network run on fewer images at a time than the batch has. The first layers of
// a network have few weights and large activations: run on the whole batch, they take memory that
// the rest of the network has no use for. Later ones have many weights, which are worth reading
// for many images at once.
#include <cstdint>
#include <vector>

#include "models/onednn/graph.hpp"

namespace steelsight::onednn {

// Consecutive nodes, and how many images they run on at a time: a divisor of the batch.
struct Segment {
  std::size_t first, end;  // without `end`
  std::int64_t images;
};

// What a node reads and writes at a time takes at most `most_bytes` in f32, or it runs on one
// image. Segments end where what is alive takes no more for the whole batch.
std::vector<Segment> plan_segments(const Graph& graph, std::int64_t batch_size,
                                   std::size_t most_bytes);

}  // namespace steelsight::onednn
