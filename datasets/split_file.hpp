#pragma once
// A split as a file, by sample names, so that a colleague can train and test on the same images:
//   {"train": ["Cr_1.bmp", ...], "validation": [...], "test": [...]}
#include "datasets/split.hpp"

namespace steelsight {

// Throws FileError. The file appears whole or not at all.
void write_split(const fs::path& file, const Dataset& dataset, const Split& split);

// Samples that the file does not name are in left_out. Throws FileError if it can't be read, and
// DatasetError if it is not such a file, names a sample that the data set lacks or that has no
// label, or names one twice.
Split read_split(const fs::path& file, const Dataset& dataset);

}  // namespace steelsight
