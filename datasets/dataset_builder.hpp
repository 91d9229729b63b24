#pragma once
// What every layout shares: collects samples with their class by name, then sorts, numbers the
// classes and says what looks odd.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace steelsight {

// train, valid, val, validation or test, in any case.
std::optional<Part> part_named(std::string_view name);

class DatasetBuilder {
 public:
  DatasetBuilder(fs::path root, Layout layout);

  // A class may stay empty.
  void add_class(const std::string& name) { classes_.insert(name); }
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
