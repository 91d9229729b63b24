#pragma once
// What a classifier remembers of the images it learned from: for each class some vectors of the
// layer that its last dense layer reads. They tell how far a new image is from all that is known
// (pipeline/novelty.hpp), and let the last layer be trained again for new classes without the old
// images.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

struct FeatureMemory {
  std::string layer = {};            // whose output the features are; empty: there is no memory
  std::int64_t dimension = 0;        // D
  std::vector<float> features = {};  // n x D, row-major, finite; each a half (models/half.hpp)
  std::vector<int> labels = {};      // n, positions in the model's class names

  bool empty() const { return labels.empty(); }
  std::size_t size() const { return labels.size(); }
  std::span<const float> row(std::size_t i) const;

  // Adds a vector, rounded to halves; what is beyond their range becomes their largest. Throws
  // std::invalid_argument for a vector that has not D values or one that is not a number.
  void add(std::span<const float> feature, int label);
};

// The layer whose output is remembered: what the network's head reads (models/surgery.hpp). Nothing
// for a network that ends otherwise than in a dense layer, or whose head reads its input.
std::optional<std::string> memory_layer(const NetworkSpec& spec);

// The network with [logits, features of `layer`] as its one output vector, so that one run gives
// both. `layer` must be a vector. The parameters stay those of `spec`.
NetworkSpec with_features(NetworkSpec spec, const std::string& layer);

// As tensors of a model file, and back: "memory.features.<layer>" of n x D and "memory.labels" of
// n. No tensors for an empty memory.
TensorMap to_tensors(const FeatureMemory& memory);
// Takes these tensors out of `tensors`. Throws ModelError if they are not a whole memory.
FeatureMemory take_memory(TensorMap& tensors);

// Throws ModelError if the memory is not one of this network with so many classes.
void check_memory(const FeatureMemory& memory, const NetworkSpec& spec, std::size_t classes);

}  // namespace steelsight
