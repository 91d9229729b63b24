#pragma once
// What a classifier remembers of the images it learned from: for each class some vectors of what
// its layers say, late ones and earlier ones. They tell how far a new image is from all that is
// known (pipeline/predict/novelty.hpp), and let a last layer be trained for new classes without the
// old images. The last features know what tells the known classes apart; the earlier ones also know
// what a new class is made of.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

struct FeatureMemory {
  std::vector<std::string> layers = {};  // whose outputs, pooled and joined, the features are
  std::int64_t dimension = 0;            // D
  std::vector<float> features = {};      // n x D, row-major, finite; each a half (models/half.hpp)
  std::vector<int> labels = {};          // n, positions in the model's class names

  bool empty() const { return labels.empty(); }
  std::size_t size() const { return labels.size(); }
  std::span<const float> row(std::size_t i) const;
  // The vectors at these positions.
  FeatureMemory select(const std::vector<std::size_t>& positions) const;

  // Adds a vector, rounded to halves; what is beyond their range becomes their largest. Throws
  // std::invalid_argument for a vector that has not D values or one that is not a number.
  void add(std::span<const float> feature, int label);
};

// The layers whose outputs are remembered: last what the network's head reads (models/surgery.hpp),
// before it up to three of the poolings on the way there. Only the former if the head reads pooled
// features already (classifier_on_features). Nothing for a network that ends otherwise than in a
// dense layer, or whose head reads its input.
std::vector<std::string> memory_layers(const NetworkSpec& spec);

// The network with [logits, features of `layers`] as its one output vector, so that one run gives
// both. Layers that are no vectors are averaged over the image. The parameters stay those of
// `spec`.
NetworkSpec with_features(NetworkSpec spec, const std::vector<std::string>& layers);

// "block4_pool,global_pool"
std::string to_string(const std::vector<std::string>& layers);

// As tensors of a model file, and back: "memory.features.<layer>,<layer>" of n x D and
// "memory.labels" of n. No tensors for an empty memory.
TensorMap to_tensors(const FeatureMemory& memory);
// Takes these tensors out of `tensors`. Throws ModelError if they are not a whole memory.
FeatureMemory take_memory(TensorMap& tensors);

// Throws ModelError if the memory is not one of this network with so many classes.
void check_memory(const FeatureMemory& memory, const NetworkSpec& spec, std::size_t classes);

}  // namespace steelsight
