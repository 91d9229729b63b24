#pragma once
// What `explore` looks at: rows of numbers, and the images or the table's rows behind them.
#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/filesystem.hpp"
#include "preprocessing/preprocessing.hpp"

namespace steelsight {

struct ExploredData {
  std::string source = {};  // of `rows`: "128 values of layer 'pool' of m.safetensors"
  bool is_table = false;
  std::vector<std::string> class_names = {};

  // The images or rows that can be read; all of one length.
  std::vector<std::string> names = {};
  std::vector<fs::path> paths = {};  // for a table's rows: what they are named by
  std::vector<std::optional<std::size_t>> labels = {};
  cv::Mat rows = {};  // N x D, CV_32F, finite

  std::vector<std::pair<std::string, std::string>> left_out = {};  // name, and why
  std::optional<Preprocessing> preprocessing = {};                 // for images, where it is known

  std::size_t size() const { return names.size(); }
  bool has_labels() const;
};

}  // namespace steelsight
