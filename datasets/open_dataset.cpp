#include "datasets/open_dataset.hpp"

#include <algorithm>

#include "datasets/csv_list.hpp"
#include "datasets/folder_dataset.hpp"
#include "datasets/label_twins.hpp"
#include "datasets/table.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

Dataset read_layout(const fs::path& folder_or_list, Labels labels) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(folder_or_list, error);
  if (status.type() == fs::directory_file) return read_folder(folder_or_list);
  if (status.type() != fs::regular_file)
    throw DatasetError(folder_or_list.string() + ": " +
                       (error ? error.message() : std::string("not a file or folder")) +
                       ", expected a data set: " + kLayouts);
  if (ascii_lower(folder_or_list.extension().native()) != ".csv")
    throw DatasetError(folder_or_list.string() +
                       ": a single file, expected a data set: " + kLayouts);
  if (labels == Labels::optional ? is_table(folder_or_list) : is_labelled_table(folder_or_list))
    return dataset_of_table(read_table(folder_or_list));
  return read_csv_list(folder_or_list, labels);
}

void require_label(const Dataset& dataset) {
  if (std::ranges::any_of(dataset.samples, [](const Sample& s) { return s.label.has_value(); }))
    return;
  throw DatasetError(dataset.root.string() + ": none of " + std::to_string(dataset.samples.size()) +
                     (dataset.layout == Layout::table ? " rows" : " images") +
                     " has a label, expected class folders, names like Cr_12.bmp, or a "
                     "CSV list or table with a column label; classify, explore, extract and "
                     "quantize need no labels");
}

// A prediction of that name says that an image was not named.
void refuse_unknown(const Dataset& dataset) {
  for (const std::string& name : dataset.class_names)
    if (label_key(name) == "unknown")
      throw DatasetError(dataset.root.string() + ": a class is called '" + name +
                         "', which is what classify calls an image that it does not name; expected "
                         "another name, like 'other'");
}

}  // namespace

Dataset open_dataset(const fs::path& folder_or_list, Labels labels) {
  Dataset dataset = read_layout(folder_or_list, labels);
  if (labels == Labels::required) {
    require_label(dataset);
    refuse_unknown(dataset);
  }
  return dataset;
}

Dataset open_images(const fs::path& folder_or_list, Labels labels) {
  Dataset dataset = open_dataset(folder_or_list, labels);
  if (dataset.table)
    throw DatasetError(
        folder_or_list.string() +
        ": is a table of numbers (its header has no column 'path'), expected images");
  return dataset;
}

}  // namespace steelsight
