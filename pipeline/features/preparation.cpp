#include "pipeline/features/preparation.hpp"

#include <algorithm>
#include <map>

#include "models/error.hpp"

namespace steelsight {
namespace {

Preparation preparation_from_json(const Json& json) {
  if (json.is_object() && json.contains("features")) return table_scaling_from_json(json);
  return preprocessing_from_json(json);
}

Shape given_shape(const Preparation& preparation) {
  if (const auto* table = std::get_if<TableScaling>(&preparation))
    return {static_cast<std::int64_t>(table->features.size())};
  const auto& image = std::get<Preprocessing>(preparation);
  return {image.channels(), image.height, image.width};
}

// The table's column of each feature.
std::vector<std::size_t> columns_of(const Table& table, const TableScaling& scaling) {
  std::vector<std::size_t> columns;
  std::string missing;
  for (const std::string& feature : scaling.features) {
    const auto found = std::ranges::find(table.features, feature);
    if (found == table.features.end()) missing += (missing.empty() ? "'" : ", '") + feature + "'";
    columns.push_back(static_cast<std::size_t>(found - table.features.begin()));
  }
  if (!missing.empty())
    throw DatasetError(table.file.string() + ": column " + missing +
                       " is missing, which the model reads");
  return columns;
}

// Empty, or what is wrong with the cells that are read.
std::string error_of(const Table& table, const TableRow& row,
                     const std::vector<std::size_t>& columns) {
  for (const std::size_t column : columns)
    if (const auto cell = row.no_numbers.find(column); cell != row.no_numbers.end())
      return table.where(row) + ": " + table.features[column] + " is '" + cell->second +
             "', expected a number";
  return "";
}

}  // namespace

Json to_json(const Preparation& preparation) {
  return std::visit([](const auto& description) { return steelsight::to_json(description); },
                    preparation);
}

Preparation preparation_of(const Model& model) {
  try {
    Preparation preparation = preparation_from_json(model.preprocessing);
    const Shape gives = given_shape(preparation);
    if (gives != model.spec.input)
      throw ModelError("the model's preprocessing gives " + to_string(gives) +
                       ", its network reads " + to_string(model.spec.input));
    return preparation;
  } catch (const ConfigError& error) {
    throw ModelError(std::string("the model's metadata: ") + error.what());
  }
}

const Preprocessing& image_preparation(const Preparation& preparation) {
  if (const auto* image = std::get_if<Preprocessing>(&preparation)) return *image;
  throw ModelError("the model reads rows of a table with the column '" +
                   std::get<TableScaling>(preparation).features[0] + "', not images");
}

const TableScaling& table_preparation(const Preparation& preparation) {
  if (const auto* table = std::get_if<TableScaling>(&preparation)) return *table;
  throw ModelError(
      "the model reads images, not rows of a table: give one that was trained on a table, --model");
}

TableScaling fit_scaling(const Examples& train, Scaling scaling) {
  const Table& table = *train.table;
  std::vector<std::span<const double>> rows;
  std::vector<std::size_t> texts(table.features.size());  // cells that are no number, by column
  for (const std::size_t r : train.rows) {
    const TableRow& row = table.rows[r];
    if (row.no_numbers.empty()) rows.emplace_back(row.values);
    for (const auto& [column, cell] : row.no_numbers) ++texts[column];
  }
  for (std::size_t column = 0; rows.empty() && column < texts.size(); ++column)
    if (texts[column] == train.size())
      throw DatasetError(table.file.string() + ": column '" + table.features[column] +
                         "' holds no number in the training rows: take it out of the table");
  if (rows.empty())
    throw DatasetError(table.file.string() + ": no training row has a number in every column");
  return fit_scaling(scaling, table.features, rows);
}

Features scaled_rows(const Examples& examples, const TableScaling& scaling) {
  const Table& table = *examples.table;
  const std::vector<std::size_t> columns = columns_of(table, scaling);
  const std::size_t width = columns.size();
  std::vector<float> inputs(examples.size() * width);
  std::vector<std::uint64_t> hashes(examples.size());
  std::map<std::size_t, std::string> errors;
  std::vector<double> values(width);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const TableRow& row = table.rows[examples.rows[i]];
    if (std::string error = error_of(table, row, columns); !error.empty()) {
      errors.emplace(i, std::move(error));
      continue;
    }
    for (std::size_t f = 0; f < width; ++f) values[f] = row.values[columns[f]];
    hashes[i] = row_hash(scaling.features, values);
    scale_row(scaling, values, std::span(inputs).subspan(i * width, width));
  }
  Features features = make_features({static_cast<std::int64_t>(width)}, std::move(inputs));
  for (const auto& [example, error] : errors) features.rows[example] = nullptr;
  features.errors = std::move(errors);
  features.hashes = std::move(hashes);
  return features;
}

std::unique_ptr<ExampleSource> open_examples(const Examples& examples,
                                             const Preparation& preparation,
                                             const LoaderOptions& options) {
  if (examples.table)
    return std::make_unique<FeatureSource>(scaled_rows(examples, table_preparation(preparation)),
                                           options.batch_size);
  return std::make_unique<ImageSource>(examples.paths, image_preparation(preparation), options);
}

}  // namespace steelsight
