#pragma once
// Where the examples come from that a network learns: images, decoded and augmented anew in each
// pass, or features that were computed before.
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/features/examples.hpp"
#include "preprocessing/loader.hpp"

namespace steelsight {

class ExampleSource {
 public:
  virtual ~ExampleSource() = default;

  virtual std::size_t size() const = 0;
  // Begins a pass over the examples at these positions; a position may appear more than once.
  virtual void start(std::vector<std::size_t> order, Random random) = 0;
  // The next batch; `planes` holds the network's inputs. Nothing at the end of the pass.
  virtual std::optional<Batch> next() = 0;
};

class ImageSource : public ExampleSource {
 public:
  ImageSource(const std::vector<fs::path>& paths, const Preprocessing& preprocessing,
              const LoaderOptions& options)
      : size_(paths.size()), loader_(paths, preprocessing, options) {}

  std::size_t size() const override { return size_; }
  void start(std::vector<std::size_t> order, Random random) override {
    loader_.start(std::move(order), random);
  }
  std::optional<Batch> next() override { return loader_.next(); }

 private:
  std::size_t size_;
  Loader loader_;
};

struct LabelledSource {
  std::unique_ptr<ExampleSource> examples;
  std::vector<int> labels;  // one for each example
};

}  // namespace steelsight
