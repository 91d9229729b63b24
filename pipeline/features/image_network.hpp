#pragma once
// A model's network on images, decoded ahead on other threads, or on rows of a table: logits out,
// and the features that its memory is made of.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "models/model_file.hpp"
#include "models/network.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/features/preparation.hpp"

namespace steelsight {

struct ImageRunOptions {
  std::int64_t batch_size = 8;  // images computed at once
  std::size_t loader_threads = 1;
  ImageLimits limits = {};
  // A layer whose outputs for images are taken from the cache of extraction.hpp and kept there.
  // Only what follows it is run, all in f32. The whole network is run if this is empty, or if
  // something before the layer is asked for.
  std::string cached_layer = {};
  fs::path cache = {};  // folder; empty: default_cache()
  std::stop_token stop = {};
};

struct ImageOutput {
  std::size_t item = 0;           // position in the examples
  std::string error = {};         // empty: the image was read
  std::uint64_t hash = 0;         // hash of the file's or row's content, 0 if it could not be read
  std::span<const float> logits;  // one for each class; empty with an error
  std::span<const float> features;  // empty with an error, or if they were not asked for
};

class ImageNetwork {
 public:
  // `features`: gives the features of memory_layers(), if there are any. Throws ModelError if the
  // model's preprocessing does not give what its network reads.
  ImageNetwork(Backend& backend, Model model, bool features, const ImageRunOptions& options);

  // Calls `use` for each example, in their order, images in constant memory. The spans are valid
  // until it returns. Throws ModelError for an output that is not finite, Interrupted, what
  // open_examples() throws (pipeline/features/preparation.hpp), and what `use` throws.
  void run(const Examples& examples, const std::function<void(const ImageOutput&)>& use);

 private:
  std::unique_ptr<ExampleSource> open(const Examples& examples);

  Backend& backend_;
  const Preparation preparation_;
  const ImageRunOptions options_;
  const std::size_t classes_;
  const std::optional<FeatureNetwork> cached_;  // up to the cached layer
  InferenceNetwork network_;                    // the rest, or all
};

}  // namespace steelsight
