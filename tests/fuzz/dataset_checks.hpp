#pragma once
// What every data set promises, whatever it was read from.
#include <set>

#include "datasets/dataset.hpp"
#include "datasets/utf8.hpp"
#include "tests/fuzz/fuzzing.hpp"

namespace steelsight::fuzzing {

inline void check_dataset(const Dataset& dataset) {
  const std::set<std::string> classes(dataset.class_names.begin(), dataset.class_names.end());
  require(classes.size() == dataset.class_names.size() && !classes.contains(""), "unique classes");
  for (const std::string& name : classes) require(is_utf8(name), "a class in UTF-8");
  std::set<std::string> names;
  for (const Sample& sample : dataset.samples) {
    require(is_utf8(sample.name), "a sample's name in UTF-8");
    require(names.insert(sample.name).second, "unique names");
    require(!sample.label || *sample.label < dataset.class_names.size(), "a label that is a class");
  }
  for (const std::string& warning : dataset.warnings) require(is_utf8(warning), "UTF-8");
}

}  // namespace steelsight::fuzzing
