#include "datasets/dataset_builder.hpp"

#include <algorithm>
#include <utility>

#include "datasets/label_twins.hpp"
#include "datasets/natural_order.hpp"
#include "datasets/sentences.hpp"

namespace steelsight {
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
  if (unlabelled > 0 && !classes_.empty())
    warn(std::to_string(unlabelled) + (dataset_.layout == Layout::table ? " row" : " image") +
         (unlabelled == 1 ? " has" : "s have") + " no label");
  std::sort(dataset_.samples.begin(), dataset_.samples.end(),
            [](const Sample& a, const Sample& b) { return natural_less(a.name, b.name); });
  const std::vector<std::string>& empty = dataset_.empty_folders;
  if (!empty.empty())
    warn((empty.size() == 1 ? "folder " : "folders ") + listed_in_quotes(empty) +
         (empty.size() == 1 ? " holds no image and is no class"
                            : " hold no image and are no classes"));
  for (std::string& warning : label_warnings(dataset_.class_names)) warn(std::move(warning));
  return std::move(dataset_);
}

}  // namespace steelsight
