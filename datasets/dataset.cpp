#include "datasets/dataset.hpp"

namespace steelsight {
std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::class_folders:
      return "class folders";
    case Layout::prefixed_files:
      return "prefixed files";
    case Layout::csv_list:
      return "CSV list";
    case Layout::split_folders:
      return "split folders";
    case Layout::table:
      return "table";
  }
  return "?";
}

std::string_view to_string(Part part) {
  switch (part) {
    case Part::train:
      return "train";
    case Part::validation:
      return "validation";
    case Part::test:
      return "test";
  }
  return "?";
}

std::vector<std::size_t> samples_per_class(const Dataset& dataset) {
  std::vector<std::size_t> counts(dataset.class_names.size(), 0);
  for (const Sample& sample : dataset.samples)
    if (sample.label) ++counts[*sample.label];
  return counts;
}

}  // namespace steelsight
