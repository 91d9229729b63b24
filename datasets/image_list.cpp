#include "datasets/image_list.hpp"

#include <glob.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/folders.hpp"
#include "datasets/csv_list.hpp"
#include "datasets/folder_walk.hpp"
#include "datasets/natural_order.hpp"
#include "datasets/own_output.hpp"
#include "datasets/sentences.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

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

class Finder {
 public:
  // With several inputs, warnings begin with theirs.
  explicit Finder(bool several) : several_(several) {}

  void add(const std::string& input) {
    const std::size_t before = found_.paths.size(), own_before = own_;
    expand(input);
    if (found_.paths.size() == before && own_ == own_before)
      throw DatasetError(input + ": no image found, expected .bmp .png .tif .tiff .jpg or .jpeg");
    last_ = input;
  }

  FoundImages take() {
    if (found_.paths.empty() && own_ > 0)
      throw DatasetError(last_ + ": no image found but pictures that steelsight wrote itself");
    return std::move(found_);
  }

 private:
  void expand(const std::string& input) {
    boost::system::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (status.type() == fs::regular_file) {
      if (ascii_lower(fs::path(input).extension().native()) == ".csv")
        add_list(input);
      else
        found_.paths.push_back(input);
    } else if (status.type() == fs::directory_file) {
      add_folder(input);
    } else if (status.type() == fs::file_not_found &&
               input.find_first_of("*?[") != std::string::npos) {
      add_pattern(input);  // a name that exists is never one: "scan[1].bmp" is given as it is
    } else {
      throw DatasetError(input + ": " +
                         (error ? error.message() : std::string("not a file or folder")) +
                         ", expected an image, a folder or a pattern like 'folder/*.bmp'");
    }
  }

  void add_list(const fs::path& list) {
    Dataset dataset = read_csv_list(list, Labels::optional);
    for (Sample& sample : dataset.samples) found_.paths.push_back(std::move(sample.path));
  }

  void add_folder(const fs::path& folder) {
    FolderWalk walk = walk_folder(folder);
    for (FoundFile& file : walk.images) found_.paths.push_back(std::move(file.path));
    for (const std::string& warning : walk.warnings) warn(folder.string(), warning);
    found_.unreadable_folders += walk.unreadable_folders;
    own_ += walk.own.size();
  }

  void add_pattern(const std::string& pattern) {
    std::size_t other = 0, own = 0;
    for (const fs::path& match : matches_of(pattern)) {
      boost::system::error_code ignored;  // a link to itself is no folder
      if (fs::is_directory(match, ignored))
        add_folder(match);
      else if (!is_image_file(match))
        ++other;
      else if (OwnOutput(folder_of(match)).wrote_picture(match))
        ++own;
      else
        found_.paths.push_back(match);
    }
    own_ += own;
    if (other > 0)
      warn(pattern, counted(other, "file") + (other == 1 ? " is not an image and was left out"
                                                         : " are not images and were left out"));
    if (own > 0) warn(pattern, "pictures that steelsight wrote itself were left out");
  }

  void warn(const std::string& input, const std::string& warning) {
    found_.warnings.push_back(several_ ? input + ": " + warning : warning);
  }

  const bool several_;
  FoundImages found_;
  std::size_t own_ = 0;  // folders and files that steelsight wrote
  std::string last_;     // the last of the inputs
};

}  // namespace

FoundImages find_images(const std::vector<std::string>& inputs) {
  Finder finder(inputs.size() > 1);
  for (const std::string& input : inputs) finder.add(input);
  return finder.take();
}

}  // namespace steelsight
