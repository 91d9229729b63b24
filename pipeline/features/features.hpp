#pragma once
// What a network gives at one of its layers for a set of examples, kept so that what follows can be
// trained or run without computing it again.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/spec.hpp"
#include "pipeline/features/example_source.hpp"

namespace steelsight {

struct Features {
  Shape shape;            // the shape of one row, without N
  std::size_t views = 1;  // rows of each example; view 0 is the example as it is, others augmented
  std::vector<const float*> rows;             // examples x views; null for an unreadable example
  std::map<std::size_t, std::string> errors;  // by unreadable example
  std::shared_ptr<const void> memory;         // the rows point into it
  std::vector<std::uint64_t> hashes = {};     // each example's content; none: not known

  std::size_t size() const { return rows.size() / views; }
  std::size_t row_floats() const { return static_cast<std::size_t>(element_count(shape)); }
  // Empty for an example with an error.
  std::span<const float> row(std::size_t example, std::size_t view = 0) const;
  // The examples at these positions.
  Features select(const std::vector<std::size_t>& examples) const;
};

// Rows of the given floats, one view each. `values`: examples x element_count(shape).
Features make_features(const Shape& shape, std::vector<float> values);

// In each pass, every example's view is drawn by the pass's generator.
class FeatureSource : public ExampleSource {
 public:
  FeatureSource(Features features, std::size_t batch_size);

  std::size_t size() const override { return features_.size(); }
  void start(std::vector<std::size_t> order, Random random) override;
  std::optional<Batch> next() override;

 private:
  const Features features_;
  const std::size_t batch_size_;
  std::vector<std::size_t> order_;
  Random random_{0};
  std::size_t done_ = 0;
};

}  // namespace steelsight
