#pragma once
// The parts of an inference program: segments of the network (models/onednn/segments.hpp), each of
// which goes over the batch a few images at a time.
#include <string>
#include <vector>

#include "models/network.hpp"
#include "models/onednn/graph.hpp"

namespace steelsight::onednn {

// Some images of a value that holds the whole batch.
struct Window {
  std::shared_ptr<Block> block;  // the images that a part's steps read or write
  dnnl::memory whole;
  std::size_t bytes;  // of the images

  void move_to(std::int64_t position);  // 0, 1, ...: the first images, the next, ...
};

struct Part {
  // The steps of a layer: those before `end` that are no earlier layer's.
  struct Section {
    std::string layer, kernel;
    bool in_integers;
    std::size_t end;
  };

  std::int64_t images;  // at a time
  Steps steps = {};
  std::vector<Section> sections = {};
  std::vector<Window> windows = {};  // none: it has the whole batch at a time
};

// input, output: the whole batch, in memory that outlives the program.
std::vector<Part> build_parts(Builder& builder, const Graph& graph,
                              const InferenceNetwork::Options& options, const Value& input,
                              const Value& output);

// Run over the first `count` images of the batch, and over the images in the same windows.
void run(Part& part, std::int64_t count, dnnl::stream& stream);
std::vector<LayerTime> run_timed(Part& part, std::int64_t count, dnnl::stream& stream);

}  // namespace steelsight::onednn
