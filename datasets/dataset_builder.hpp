#pragma once
// What every layout shares: collects samples with their class by name, then sorts, numbers the
// classes and says what looks odd.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace steelsight {

class DatasetBuilder {
 public:
  DatasetBuilder(fs::path root, Layout layout);

  // A folder that would be a class if it had an image.
  void add_empty_folder(std::string name) { dataset_.empty_folders.push_back(std::move(name)); }
  void count_unreadable_folders(std::size_t n) { dataset_.unreadable_folders = n; }
  // Sets sample.label; without a class name the sample is unlabelled.
  void add(Sample sample, const std::optional<std::string>& class_name);
  void warn(std::string warning) { dataset_.warnings.push_back(std::move(warning)); }

  // Call once.
  Dataset finish();

 private:
  Dataset dataset_;
  std::set<std::string> classes_;
  std::vector<std::optional<std::string>> class_of_;  // parallel to dataset_.samples
};

}  // namespace steelsight
