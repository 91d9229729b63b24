#include "datasets/image_list.hpp"

#include <glob.h>

#include <algorithm>
#include <iterator>
#include <new>

#include "datasets/error.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/natural_order.hpp"

namespace steelsight {
namespace {

std::vector<fs::path> images_below(const fs::path& folder) {
  FolderWalk walk = walk_folder(folder);
  std::vector<fs::path> images;
  for (FoundFile& file : walk.images) images.push_back(std::move(file.path));
  return images;
}

// Natural order.
std::vector<fs::path> matches_of(const std::string& pattern) {
  glob_t found{};
  const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<fs::path> matches;
  if (result == 0) matches.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result == GLOB_NOSPACE) throw std::bad_alloc();
  std::sort(matches.begin(), matches.end(), [](const fs::path& a, const fs::path& b) {
    return natural_less(a.native(), b.native());
  });
  return matches;
}

std::vector<fs::path> expand_pattern(const std::string& pattern) {
  std::vector<fs::path> images;
  for (const fs::path& match : matches_of(pattern)) {
    boost::system::error_code ignored;  // a link to itself is no folder
    if (fs::is_directory(match, ignored))
      std::ranges::move(images_below(match), std::back_inserter(images));
    else if (is_image_file(match))
      images.push_back(match);
  }
  return images;
}

std::vector<fs::path> expand(const std::string& input) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(input, error);
  if (status.type() == fs::regular_file) return {input};
  if (status.type() == fs::directory_file) return images_below(input);
  // A name that exists is never a pattern, so "scan[1].bmp" can be given as it is.
  if (status.type() == fs::file_not_found && input.find_first_of("*?[") != std::string::npos)
    return expand_pattern(input);
  throw DatasetError(input + ": " +
                     (error ? error.message() : std::string("not a file or folder")) +
                     ", expected an image, a folder or a pattern like 'folder/*.bmp'");
}

}  // namespace

std::vector<fs::path> find_images(const std::vector<std::string>& inputs) {
  std::vector<fs::path> images;
  for (const std::string& input : inputs) {
    std::vector<fs::path> found = expand(input);
    if (found.empty())
      throw DatasetError(input + ": no image found, expected .bmp .png .tif .tiff .jpg or .jpeg");
    std::ranges::move(found, std::back_inserter(images));
  }
  return images;
}

}  // namespace steelsight
