#include "datasets/dataset_builder.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "datasets/natural_order.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

void warn_of_empty_classes(Dataset& dataset) {
  const std::vector<std::size_t> counts = samples_per_class(dataset);
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] == 0)
      dataset.warnings.push_back("class '" + dataset.class_names[c] + "' has no image");
}

void warn_of_case_twins(Dataset& dataset) {
  std::map<std::string, std::string> seen;
  for (const std::string& name : dataset.class_names) {
    const auto [first, is_new] = seen.emplace(ascii_lower(name), name);
    if (!is_new)
      dataset.warnings.push_back("classes '" + first->second + "' and '" + name +
                                 "' differ only in case; they are kept as two classes");
  }
}

}  // namespace

std::optional<Part> part_named(std::string_view name) {
  const std::string lower = ascii_lower(name);
  if (lower == "train") return Part::train;
  if (lower == "valid" || lower == "val" || lower == "validation") return Part::validation;
  if (lower == "test") return Part::test;
  return std::nullopt;
}

DatasetBuilder::DatasetBuilder(fs::path root, Layout layout) {
  dataset_.root = std::move(root);
  dataset_.layout = layout;
}

void DatasetBuilder::add(Sample sample, const std::optional<std::string>& class_name) {
  if (class_name) classes_.insert(*class_name);
  class_of_.push_back(class_name);
  dataset_.samples.push_back(std::move(sample));
}

Dataset DatasetBuilder::finish() {
  dataset_.class_names.assign(classes_.begin(), classes_.end());
  std::size_t unlabelled = 0;
  for (std::size_t i = 0; i < class_of_.size(); ++i) {
    if (class_of_[i])
      dataset_.samples[i].label =
          static_cast<std::size_t>(std::distance(classes_.begin(), classes_.find(*class_of_[i])));
    else
      ++unlabelled;
  }
  if (unlabelled > 0)
    warn(std::to_string(unlabelled) + (dataset_.layout == Layout::table ? " row" : " image") +
         (unlabelled == 1 ? " has" : "s have") + " no label");
  std::sort(dataset_.samples.begin(), dataset_.samples.end(),
            [](const Sample& a, const Sample& b) { return natural_less(a.name, b.name); });
  warn_of_empty_classes(dataset_);
  warn_of_case_twins(dataset_);
  return std::move(dataset_);
}

}  // namespace steelsight
