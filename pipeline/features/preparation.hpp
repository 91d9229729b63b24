#pragma once
// How an example becomes what a network reads: an image by its preprocessing, a row of a table by
// its scaling. Stored in the model, so that training and prediction can't drift apart.
#include <memory>
#include <variant>

#include "models/model_file.hpp"
#include "pipeline/features/example_source.hpp"
#include "pipeline/features/features.hpp"
#include "preprocessing/preprocessing.hpp"
#include "preprocessing/table_scaling.hpp"

namespace steelsight {

using Preparation = std::variant<Preprocessing, TableScaling>;

Json to_json(const Preparation& preparation);

// A model's preparation. Throws ModelError if it is damaged, or doesn't give what the network
// reads.
Preparation preparation_of(const Model& model);

// The preparation of images, or of rows. Throw ModelError if it is of the other kind.
const Preprocessing& image_preparation(const Preparation& preparation);
const TableScaling& table_preparation(const Preparation& preparation);

// Fits to the training rows whose cells are all numbers. Every column is a feature. Throws
// DatasetError if there is no such row.
TableScaling fit_scaling(const Examples& train, Scaling scaling);

// Rows as the network reads them, in their order. A row with a cell that is no number is an error
// of the features. Columns are found by name. Columns that the scaling doesn't know are ignored.
// Throws DatasetError that names the columns that are missing.
Features scaled_rows(const Examples& examples, const TableScaling& scaling);

// A source of the examples. `options`: for tables the batch size alone counts. Throws ModelError
// for images where rows are expected and the other way round, and as scaled_rows().
std::unique_ptr<ExampleSource> open_examples(const Examples& examples,
                                             const Preparation& preparation,
                                             const LoaderOptions& options);

}  // namespace steelsight
