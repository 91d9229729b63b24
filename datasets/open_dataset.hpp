#pragma once
// The door of datasets/: finds the layout of a data set and reads it.
#include "datasets/dataset.hpp"

namespace steelsight {

// Throws DatasetError if no layout fits, if layouts are mixed, or if labels are required and no
// sample has one or a class is called "unknown"; FileError if the list can't be read.
Dataset open_dataset(const fs::path& folder_or_list, Labels labels = Labels::required);

// The same for what needs images: throws DatasetError for a table too.
Dataset open_images(const fs::path& folder_or_list, Labels labels = Labels::required);

}  // namespace steelsight
