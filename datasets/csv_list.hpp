#pragma once
// A data set as a list: CSV with the header path,label[,split,group], columns in any order.
//   path    relative to the list's folder, or absolute; the file may be missing
//   label   the class, UTF-8; empty: unlabelled
//   split   train, validation, test (datasets/part_name.hpp), or empty
//   group   samples of one group stay on one side of a split; empty: none
#include "datasets/dataset.hpp"

namespace steelsight {

// Throws DatasetError that names file and line: an unknown, double or missing column, an empty
// path, a path listed twice or leading to something that is not a file, a path that is written as
// on Windows and leads nowhere, an unknown split, a label or group that is not UTF-8. FileError if
// the list can't be read. labels: whether there must be a column of them.
Dataset read_csv_list(const fs::path& list, Labels labels = Labels::required);

}  // namespace steelsight
