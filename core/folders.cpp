#include "core/folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/descriptor.hpp"
#include "core/error.hpp"

namespace steelsight {
namespace {

bool is_folder(const fs::path& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Still locked: someone writes it. Without locks on this file system nothing is known: it stays. It
// may have been removed meanwhile, and another one made that is in use: hence the second look.
void remove_if_left_over(const fs::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status = {};
  if (descriptor.is_open() && ::fstat(descriptor.number(), &status) == 0 &&
      S_ISREG(status.st_mode) && ::flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0 &&
      is_still_at(descriptor, file))
    ::unlink(file.c_str());
}

bool first_time(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> seen;
  const std::scoped_lock guard(mutex);
  return seen.insert(folder).second;
}

}  // namespace

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

fs::path behind_links(const fs::path& file) {
  constexpr int kMaxLinks = 40;  // as many as the kernel follows
  fs::path found = file;
  for (int i = 0; i < kMaxLinks; ++i) {
    boost::system::error_code not_a_link;
    const fs::path target = fs::read_symlink(found, not_a_link);
    if (not_a_link) return found;
    found = target.is_absolute() ? target : folder_of(found) / target;
  }
  throw FileError(file.string() + ": leads through too many symbolic links");
}

std::vector<fs::path> make_folders(const fs::path& folder, const fs::path& wanted_for) {
  std::vector<fs::path> made;
  fs::path current;
  for (const fs::path& part : folder) {
    current /= part;
    if (is_folder(current)) continue;
    if (::mkdir(current.c_str(), 0777) == 0)
      made.push_back(current);
    else if (const int error = errno; !is_folder(current)) {  // unless another one was faster
      for (auto above = made.rbegin(); above != made.rend(); ++above) ::rmdir(above->c_str());
      throw_system_error(
          error == EEXIST ? ENOTDIR : error,
          wanted_for.string() + ": the folder " + current.string() + " can't be made");
    }
  }
  return made;
}

void remove_leftovers(const fs::path& folder) {
  if (!first_time(fs::absolute(folder))) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr)
    if (std::string_view(entry->d_name).starts_with(kTemporaryPrefix))
      remove_if_left_over(folder / entry->d_name);
}

}  // namespace steelsight
