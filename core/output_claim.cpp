#include "core/output_claim.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/content_hash.hpp"
#include "core/error.hpp"
#include "core/folders.hpp"
#include "core/interrupt.hpp"

namespace steelsight {
OutputClaim& OutputClaim::operator=(OutputClaim&& other) noexcept {
  std::swap(made_, other.made_);
  std::swap(lock_, other.lock_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void OutputClaim::lock(const fs::path& output, const fs::path& file) {
  constexpr int kTries = 5;  // another program may look for a moment whether it is a leftover
  for (int i = 0; i < kTries; ++i) {
    Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!opened.is_open()) throw_system_error(errno, output.string() + ": can't be written");
    if (try_lock(opened) && is_still_at(opened, file)) {
      descriptor_ = std::move(opened);
      lock_ = file;
      return;
    }
    wait_a_moment("waiting for " + output.string());
  }
  throw FileError(output.string() +
                  ": another run is writing there; wait for its end, or write elsewhere");
}

void OutputClaim::release() {
  if (descriptor_.is_open()) ::unlink(lock_.c_str());
  descriptor_.close();
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
  made_.clear();
}

OutputClaim claim_file(const fs::path& file) {
  OutputClaim claim;
  struct stat status = {};
  const bool exists = ::stat(file.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    throw FileError(file.string() + ": is a folder, expected a file name");
  if (exists && !S_ISREG(status.st_mode)) {
    if (::access(file.c_str(), W_OK) != 0)
      throw_system_error(errno, file.string() + ": can't be written");
    return claim;
  }
  const fs::path real = behind_links(file);
  claim.made_ = make_folders(folder_of(real), file);
  remove_leftovers(folder_of(real));
  // Not the name itself, which may be as long as a name can be.
  const std::string name = real.filename().string();
  claim.lock(file, folder_of(real) / (std::string(kTemporaryPrefix) + "lock-" +
                                      to_hex(content_hash(name.data(), name.size()))));
  return claim;
}

OutputClaim claim_folder(const fs::path& folder) {
  OutputClaim claim;
  claim.made_ = make_folders(folder, folder);
  remove_leftovers(folder);
  claim.lock(folder, folder / (std::string(kTemporaryPrefix) + "lock"));
  return claim;
}

}  // namespace steelsight
