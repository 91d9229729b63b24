#pragma once
// What a network is run on or learns from: image files, or rows of a table.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"
#include "datasets/table.hpp"

namespace steelsight {

struct Examples {
  Examples() = default;
  Examples(std::vector<fs::path> images) : paths(std::move(images)) {}

  std::vector<fs::path> paths = {};  // image files; for rows what they are named by: "table.csv:17"
  std::shared_ptr<const Table> table = nullptr;  // null for images
  std::vector<std::size_t> rows = {};            // rows of the table, one for each path

  std::size_t size() const { return paths.size(); }
  bool empty() const { return paths.empty(); }
  // The examples at these positions.
  Examples select(const std::vector<std::size_t>& positions) const;
};

struct LabelledExamples {
  Examples examples;
  std::vector<int> labels;  // one for each example
};

Examples examples_of(const Dataset& dataset, const std::vector<std::size_t>& samples);
// The samples have labels.
LabelledExamples labelled_examples_of(const Dataset& dataset,
                                      const std::vector<std::size_t>& samples);

// The inputs of a command line: one table, or what find_images() finds (datasets/image_list.hpp).
// Throws as that does, and DatasetError for a table among other inputs.
struct FoundExamples {
  Examples examples;
  std::vector<std::string> warnings = {};
  std::size_t unreadable_folders = 0;
};
FoundExamples find_examples(const std::vector<std::string>& inputs);

}  // namespace steelsight
