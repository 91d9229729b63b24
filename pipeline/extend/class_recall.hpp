#pragma once
// How many images of each class a model names rightly, among the classes that it had before it was
// extended.
#include <cstddef>
#include <vector>

#include "models/backend.hpp"
#include "models/model_file.hpp"
#include "pipeline/features/example_source.hpp"

namespace steelsight {

class ClassRecall {
 public:
  explicit ClassRecall(std::size_t classes) : right_(classes), count_(classes) {}

  void add(int label, bool right);
  bool measured(std::size_t c) const { return count_[c] > 0; }
  double of(std::size_t c) const;  // 0 to 1; of a class that was measured
  double mean() const;             // over the classes that were; 0 for none
  std::size_t images() const;      // or vectors, of all classes

 private:
  std::vector<std::size_t> right_, count_;
};

// On images that can be read; labels are below `classes`, the model may know more. Throws as
// Classifier::run().
ClassRecall recall_on_images(Backend& backend, const Model& model, const LabelledExamples& images,
                             std::size_t classes);

// On remembered features, the last of which are what the model's head reads.
ClassRecall recall_on_memory(Backend& backend, const Model& model, const FeatureMemory& memory,
                             std::size_t classes);

}  // namespace steelsight
