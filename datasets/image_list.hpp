#pragma once
// The inputs of a command line as image files, in the order given.
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

// Each input is a file (taken whatever its extension), a folder (all images below it, natural
// order), or a pattern with * ? [ ] as in glob(7) (its images and folders, natural order). An image
// that two inputs name is there twice. Throws DatasetError for an input that leads to no image.
std::vector<fs::path> find_images(const std::vector<std::string>& inputs);

}  // namespace steelsight
