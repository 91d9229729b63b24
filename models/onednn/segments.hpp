#pragma once
// Which layers of a network run on fewer images at a time than the batch has. The first layers of
// a network have few weights and large activations: run on the whole batch, they take memory that
// the rest of the network has no use for. Later ones have many weights, which are worth reading
// for many images at once.
#include <cstdint>
#include <vector>

#include "models/onednn/graph.hpp"

namespace steelsight::onednn {

// Consecutive nodes, and how many images they run on at a time: a divisor of all.
struct Segment {
  std::size_t first, end;  // without `end`
  std::int64_t images;
};

// How many images of the batch a program runs on, one such share after the other: 8, and more where
// a layer reads and writes less than `most_bytes` for them.
std::int64_t images_at_once(const Graph& graph, std::int64_t batch_size, std::size_t most_bytes);

// What a node reads and writes at a time takes at most `most_bytes` in f32, or it runs on one
// image. Segments end where what is alive takes no more for the whole batch.
std::vector<Segment> plan_segments(const Graph& graph, std::int64_t batch_size,
                                   std::size_t most_bytes);

}  // namespace steelsight::onednn
