#include "pipeline/features/examples.hpp"

#include <algorithm>
#include <numeric>

#include "datasets/image_list.hpp"

namespace steelsight {
namespace {

bool names_table(const std::string& input) {
  boost::system::error_code ignored;
  return fs::is_regular_file(input, ignored) && is_table(input);
}

Examples rows_of(std::shared_ptr<const Table> table) {
  Examples examples;
  for (const TableRow& row : table->rows) examples.paths.push_back(table->where(row));
  examples.rows.resize(table->rows.size());
  std::iota(examples.rows.begin(), examples.rows.end(), std::size_t{0});
  examples.table = std::move(table);
  return examples;
}

}  // namespace

Examples Examples::select(const std::vector<std::size_t>& positions) const {
  Examples chosen;
  chosen.table = table;
  for (const std::size_t position : positions) {
    chosen.paths.push_back(paths.at(position));
    if (table) chosen.rows.push_back(rows.at(position));
  }
  return chosen;
}

Examples examples_of(const Dataset& dataset, const std::vector<std::size_t>& samples) {
  Examples examples;
  examples.table = dataset.table;
  for (const std::size_t sample : samples) examples.paths.push_back(dataset.samples[sample].path);
  if (dataset.table) examples.rows = samples;
  return examples;
}

LabelledExamples labelled_examples_of(const Dataset& dataset,
                                      const std::vector<std::size_t>& samples) {
  LabelledExamples result{.examples = examples_of(dataset, samples), .labels = {}};
  for (const std::size_t sample : samples)
    result.labels.push_back(static_cast<int>(*dataset.samples[sample].label));
  return result;
}

FoundExamples find_examples(const std::vector<std::string>& inputs) {
  const auto table = std::ranges::find_if(inputs, names_table);
  if (table == inputs.end()) {
    FoundImages found = find_images(inputs);
    return {.examples = std::move(found.paths),
            .warnings = std::move(found.warnings),
            .unreadable_folders = found.unreadable_folders};
  }
  if (inputs.size() > 1)
    throw DatasetError(*table + ": is a table of numbers, expected it as the only input");
  return {.examples = rows_of(std::make_shared<const Table>(read_table(*table)))};
}

}  // namespace steelsight
