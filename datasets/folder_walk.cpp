#include "datasets/folder_walk.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "datasets/error.hpp"
#include "datasets/natural_order.hpp"
#include "datasets/own_output.hpp"
#include "datasets/sentences.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

using ErrorCode = boost::system::error_code;

bool is_hidden(const fs::path& entry) {
  return entry.filename().native().starts_with('.');
}

// The entries that are not hidden, in natural order.
std::vector<fs::path> list_folder(const fs::path& folder, ErrorCode& error) {
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (!is_hidden(it->path())) entries.push_back(it->path());
  std::sort(entries.begin(), entries.end(), [](const fs::path& a, const fs::path& b) {
    return natural_less(a.native(), b.native());
  });
  return entries;
}

class Walker {
 public:
  FolderWalk walk(const fs::path& root) {
    ErrorCode error;
    if (!fs::is_directory(root, error))
      throw DatasetError(root.string() + ": " +
                         (error ? error.message() : std::string("not a folder")) +
                         ", expected a folder with images");
    visit(root, "");
    if (!root_error_.empty()) throw DatasetError(root.string() + ": " + root_error_);
    std::sort(walk_.images.begin(), walk_.images.end(),
              [](const FoundFile& a, const FoundFile& b) { return natural_less(a.name, b.name); });
    warn_of_own();
    warn_of_other_files();
    return std::move(walk_);
  }

 private:
  void visit(const fs::path& folder, const std::string& name) {
    ErrorCode error;
    const fs::path real = fs::canonical(folder, error);
    if (!error && !visited_.insert(real.native()).second) {
      walk_.warnings.push_back(name + ": is a link to a folder that is already in; left out");
      return;
    }
    if (!name.empty()) walk_.folders.push_back(name);
    const OwnOutput own(folder);
    bool has_own = false;
    for (const fs::path& entry : list_folder(folder, error)) {
      const std::string entry_name =
          (name.empty() ? "" : name + "/") + to_utf8(entry.filename().native());
      ErrorCode ignored;  // a broken link is no folder
      if (fs::is_directory(entry, ignored)) {
        if (own.wrote_folder(entry))
          has_own = true;
        else
          visit(entry, entry_name);
      } else if (!is_image_file(entry)) {
        leave_out(entry);
      } else if (own.wrote_picture(entry)) {
        has_own = true;
      } else {
        walk_.images.push_back({entry, entry_name});
      }
    }
    if (has_own) walk_.own.push_back(name);
    if (error) give_up(error, name);
  }

  // Throws ResourceError for what is no fault of the folder.
  void give_up(const ErrorCode& error, const std::string& name) {
    ++walk_.unreadable_folders;
    try {
      throw_system_error(error.value(), name + ": folder can't be read");
    } catch (const FileError& unreadable) {
      if (name.empty())
        root_error_ = error.message();
      else
        walk_.warnings.push_back(unreadable.what());
    }
  }

  void leave_out(const fs::path& file) {
    ++walk_.left_out;
    ++left_out_by_kind_[to_utf8(ascii_lower(file.extension().native()))];
  }

  void warn_of_own() {
    if (walk_.own.empty()) return;
    std::vector<std::string> folders;
    for (const std::string& name : walk_.own) folders.push_back(name.empty() ? "." : name);
    walk_.warnings.push_back("pictures that steelsight wrote itself were left out, in " +
                             listed(folders));
  }

  void warn_of_other_files() {
    if (walk_.left_out == 0) return;
    std::vector<std::string> kinds;
    for (const auto& [extension, files] : left_out_by_kind_)
      kinds.push_back(std::to_string(files) +
                      (extension.empty() ? " without extension" : " " + extension));
    walk_.warnings.push_back(std::to_string(walk_.left_out) +
                             (walk_.left_out == 1 ? " file is not an image and was left out: "
                                                  : " files are not images and were left out: ") +
                             listed(kinds));
  }

  std::set<std::string> visited_;                        // canonical
  std::map<std::string, std::size_t> left_out_by_kind_;  // by extension
  std::string root_error_;
  FolderWalk walk_;
};

}  // namespace

bool has_image_extension(const fs::path& file) {
  constexpr std::array<const char*, 6> kExtensions = {".bmp",  ".png", ".tif",
                                                      ".tiff", ".jpg", ".jpeg"};
  const std::string extension = ascii_lower(file.extension().native());
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool is_image_file(const fs::path& file) {
  if (!has_image_extension(file)) return false;
  ErrorCode ignored;
  const bool is_link = fs::is_symlink(file, ignored);
  return fs::is_regular_file(file, ignored) || (is_link && !fs::exists(file, ignored));
}

FolderWalk walk_folder(const fs::path& folder) {
  return Walker().walk(folder);
}

}  // namespace steelsight
