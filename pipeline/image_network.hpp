#pragma once
// A model's network on image files: decoded ahead on other threads, logits out, and the features
// that its memory is made of.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "models/model_file.hpp"
#include "models/network.hpp"
#include "preprocessing/loader.hpp"

namespace steelsight {

struct ImageRunOptions {
  std::int64_t batch_size = 8;  // images computed at once
  std::size_t loader_threads = 1;
  ImageLimits limits = {};
};

struct ImageOutput {
  std::size_t item = 0;             // position in the paths
  std::string error = {};           // empty: the image was read
  std::uint64_t hash = 0;           // content hash of the file, 0 if it could not be read
  std::span<const float> logits;    // one for each class; empty with an error
  std::span<const float> features;  // empty with an error, or if they were not asked for
};

// What the model's images go through. Throws ModelError if it can't be read, or does not give what
// the network reads.
Preprocessing preprocessing_of(const Model& model);

class ImageNetwork {
 public:
  // `features`: gives those of memory_layers(), if there are any. Throws ModelError if the model's
  // preprocessing does not give what its network reads.
  ImageNetwork(Backend& backend, Model model, bool features, ImageRunOptions options);

  // Calls `use` for each path, in their order, in constant memory. The spans are valid until it
  // returns. Throws ModelError for an output that is not finite, Interrupted, and what `use`
  // throws.
  void run(const std::vector<fs::path>& paths, const std::function<void(const ImageOutput&)>& use);

 private:
  const Preprocessing preprocessing_;
  const ImageRunOptions options_;
  const std::size_t classes_;
  InferenceNetwork network_;
};

}  // namespace steelsight
