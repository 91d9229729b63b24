#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "core/error.hpp"

namespace steelsight {
namespace {

// Makes the rename itself durable. Some file systems refuse to sync a folder: not an error.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// mkstemp creates 0600; a report is meant to be read by colleagues. The mask can only be read by
// setting it, for the whole process: once, so that no other thread reads the 0 in between.
mode_t default_mode() {
  static const mode_t mask = [] {
    const mode_t found = ::umask(0);
    ::umask(found);
    return found;
  }();
  return 0666 & ~mask;
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  boost::system::error_code error;
  if (fs::is_directory(target_, error))
    throw FileError(target_.string() + ": is a folder, expected a file name");
  fs::create_directories(folder_of(target_), error);
  if (error) throw FileError(target_.string() + ": its folder can't be made: " + error.message());
  std::string name = (folder_of(target_) / ".steelsight-XXXXXX").string();
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) fail("can't be created");
  temporary_ = name;
  ::fchmod(descriptor, default_mode());
  file_ = ::fdopen(descriptor, "wb");
}

AtomicFile::~AtomicFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t size) {
  if (size == 0) return;  // `bytes` may be null then
  if (std::fwrite(bytes, 1, size, file_) != size) fail("writing failed");
}

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail("writing failed");
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("can't be replaced");
  std::fclose(file_);
  file_ = nullptr;
  sync_folder(folder_of(target_));
}

void AtomicFile::fail(const char* doing) const {
  throw FileError(target_.string() + ": " + doing + ": " + std::strerror(errno));
}

void write_file(const fs::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  file.commit();
}

std::string read_file(const fs::path& file, std::size_t max_bytes) {
  std::ifstream in(file.string(), std::ios::binary);
  const int opening_error = errno;
  boost::system::error_code ignored;
  const bool folder = fs::is_directory(file, ignored);
  if (!in || folder) {
    const char* reason = folder ? "it is a folder" : std::strerror(opening_error);
    throw FileError(file.string() + ": can't be read: " + reason);
  }
  std::string text;
  char chunk[1 << 16];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
    if (text.size() > max_bytes)
      throw FileError(file.string() + ": file is larger than the limit of " +
                      std::to_string(max_bytes) + " bytes");
  }
  if (in.bad()) throw FileError(file.string() + ": reading failed");
  return text;
}

}  // namespace steelsight
