#include "pipeline/features/learnable.hpp"

#include <string>

#include "datasets/sentences.hpp"
#include "datasets/table.hpp"
#include "preprocessing/decode.hpp"
#include "preprocessing/image_error.hpp"

namespace steelsight {
namespace {

// Why a sample can't be learned from; empty if it can.
std::string fault_of(const Dataset& dataset, std::size_t sample) {
  if (dataset.table) {
    const TableRow& row = dataset.table->rows[sample];
    return row.no_numbers.empty() ? ""
                                  : dataset.table->where(row) + ": has a cell without a number";
  }
  try {
    read_image(dataset.samples[sample].path);
    return "";
  } catch (const ImageError& error) {
    return error.what();
  } catch (const FileError& error) {
    return error.what();
  }
}

}  // namespace

void require_learnable(const Dataset& dataset, const Split& split) {
  const std::size_t classes = dataset.class_names.size();
  if (classes < 2)
    throw DatasetError(dataset.root.string() + ": has " + counted(classes, "class") +
                       ", expected 2 or more");
  std::vector<std::vector<std::size_t>> of_class(classes);
  for (const std::size_t sample : split.train)
    of_class[*dataset.samples[sample].label].push_back(sample);
  const char* example = dataset.table ? "row" : "image";
  for (std::size_t c = 0; c < classes; ++c) {
    const std::string start =
        dataset.root.string() + ": class '" + dataset.class_names[c] + "' has ";
    if (of_class[c].empty())
      throw DatasetError(start + "no " + example +
                         " to train on, expected at least one; add some, or leave the class out");
    std::string first_fault;
    bool has_good = false;
    for (const std::size_t sample : of_class[c]) {
      const std::string fault = fault_of(dataset, sample);
      has_good = fault.empty();
      if (has_good) break;
      if (first_fault.empty()) first_fault = fault;
    }
    if (!has_good)
      throw DatasetError(start + counted(of_class[c].size(), example) +
                         " to train on, of which none can be read; the first: " + first_fault);
  }
}

}  // namespace steelsight
