#pragma once
// Images as the teacher saw them in one of its views, with the student's own changes on top.
#include <optional>
#include <vector>

#include "pipeline/features/example_source.hpp"

namespace steelsight {

class ViewSource : public ExampleSource {
 public:
  // options.augmentation: what only the student sees, drawn anew in each pass.
  ViewSource(std::vector<fs::path> paths, Preprocessing preprocessing, LoaderOptions options);

  // In the passes that begin from now on.
  void show(const View& view) { options_.view = view; }

  std::size_t size() const override { return paths_.size(); }
  void start(std::vector<std::size_t> order, Random random) override;
  std::optional<Batch> next() override { return loader_->next(); }

 private:
  const std::vector<fs::path> paths_;
  const Preprocessing preprocessing_;
  LoaderOptions options_;
  std::optional<Loader> loader_;
};

}  // namespace steelsight
