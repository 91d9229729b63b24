#pragma once
// A data set as a folder: class folders, prefixed files, or parts with either
// (datasets/dataset.hpp).
//
//   crazing/any/depth/1.bmp           the folder is the class
//   crazing/train/1.bmp               ... and the folder in it the part, if all of them are parts
//   train/crazing/1.bmp               the part, then the class
//   train/Cr_12.bmp                   the part, then the class as prefix
//   images/..., data/set/train/...    a folder around the data set is looked through: alone beside
//                                     no image, and called like one or holding parts
//
// Folders without an image are no classes.
#include "datasets/dataset.hpp"

namespace steelsight {

// What a data set may look like, for messages.
extern const char* const kLayouts;

// Throws DatasetError if there is no image, if layouts are mixed, or if parts lie beside something
// else.
Dataset read_folder(const fs::path& root);

}  // namespace steelsight
