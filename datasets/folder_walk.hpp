#pragma once
// All images below a folder, in natural order. Symbolic links are followed; a folder that was
// visited already, by a loop or a second link, is not visited again. Pictures that steelsight wrote
// itself are left out (datasets/own_output.hpp), unless the walk begins in the folder "explained".
#include <cstddef>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct FoundFile {
  fs::path path;     // folder / name
  std::string name;  // relative to the folder walked, '/'-separated, UTF-8
};

struct FolderWalk {
  std::vector<FoundFile> images;     // natural order of name
  std::vector<std::string> folders;  // names of all folders below, in the same form
  std::size_t left_out = 0;          // files that are not images; hidden ones are not counted
  std::size_t unreadable_folders = 0;
  std::vector<std::string> own;       // folders, named as above, with pictures of steelsight's own;
                                      // "" for the folder that is walked
  std::vector<std::string> warnings;  // sentences about all that was left out
};

// .bmp .png .tif .tiff .jpg .jpeg in any case.
bool has_image_extension(const fs::path& file);

// A regular file, or a broken link, with such an extension: a missing file is reported when it is
// opened. A pipe or a device is no image, whatever its name.
bool is_image_file(const fs::path& file);

// Throws DatasetError if `folder` itself is not a folder or can't be read.
FolderWalk walk_folder(const fs::path& folder);

}  // namespace steelsight
