#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.hpp"
#include "core/folders.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

// Makes the rename itself durable. Some file systems refuse to sync a folder: not an error.
void sync_folder(const fs::path& folder, const fs::path& target) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.is_open() && ::fsync(descriptor.number()) != 0 && errno != EINVAL)
    throw_system_error(errno, target.string() + ": its folder can't be synced");
}

// A new file is meant to be read by colleagues, though mkstemp creates 0600. The mask can only be
// read by setting it, for the whole process: once, so that no other thread reads the 0 in between.
mode_t mode_of_new_files() {
  static const mode_t mask = [] {
    const mode_t found = ::umask(0);
    ::umask(found);
    return found;
  }();
  return 0666 & ~mask;
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)), file_(target_) {
  struct stat status = {};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode))
    throw FileError(target_.string() + ": is a folder, expected a file name");
  if (exists && !S_ISREG(status.st_mode)) {
    descriptor_ = open_to_write(target_);
    return;
  }
  file_ = behind_links(target_);
  make_folders(folder_of(file_), target_);
  remove_leftovers(folder_of(file_));
  create_temporary();
  ::fchmod(descriptor_.number(), exists ? status.st_mode & 07777 : mode_of_new_files());
}

// Locks the file, so that other programs see that it is no leftover. A program that looked between
// creating and locking may have removed it: then it is created again.
void AtomicFile::create_temporary() {
  const std::string pattern =
      (folder_of(file_) / (std::string(kTemporaryPrefix) + "XXXXXX")).string();
  do {
    std::string name = pattern;
    descriptor_ = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (!descriptor_.is_open()) throw_system_error(errno, target_.string() + ": can't be written");
    temporary_ = name;
  } while (!try_lock(descriptor_) || !is_still_at(descriptor_, temporary_));
}

AtomicFile::~AtomicFile() {
  if (descriptor_.is_open() && !temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  buffer_.append(static_cast<const char*>(bytes), size);
  if (buffer_.size() >= kBufferBytes) flush();
}

void AtomicFile::flush() {
  write_all(descriptor_, buffer_.data(), buffer_.size(), target_);
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  if (!temporary_.empty()) {
    if (::fsync(descriptor_.number()) != 0)
      throw_system_error(errno, target_.string() + ": writing failed");
    if (::rename(temporary_.c_str(), file_.c_str()) != 0)
      throw_system_error(errno, target_.string() + ": can't be replaced");
  }
  descriptor_.close();
  if (!temporary_.empty()) sync_folder(folder_of(file_), target_);
}

void write_file(const fs::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

std::string read_file(const fs::path& file, std::size_t max_bytes) {
  const Descriptor descriptor = open_to_read(file);
  std::string text;
  char chunk[1 << 16];
  while (const std::size_t got = read_some(descriptor, chunk, sizeof chunk, file)) {
    text.append(chunk, got);
    if (text.size() > max_bytes)
      throw FileError(file.string() + ": file is larger than the limit of " +
                      std::to_string(max_bytes) + " bytes");
  }
  return text;
}

}  // namespace steelsight
