#pragma once
// The inputs of a command line as image files, in the order given.
#include <cstddef>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct FoundImages {
  std::vector<fs::path> paths;
  std::vector<std::string> warnings;  // sentences about what was left out
  std::size_t unreadable_folders = 0;
};

// Each input is a file (taken whatever its extension, but for .csv: the images of that list, whose
// labels are not looked at), a folder (all images below it, natural order), or a pattern with
// * ? [ ] as in glob(7) (its images and folders, natural order). An image that two inputs name is
// there twice. Pictures that steelsight wrote are left out of folders and patterns
// (datasets/own_output.hpp). Throws DatasetError for an input that leads to no image; FileError.
FoundImages find_images(const std::vector<std::string>& inputs);

}  // namespace steelsight
