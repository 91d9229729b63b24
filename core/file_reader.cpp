#include "core/file_reader.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/error.hpp"

namespace steelsight {

FileReader::FileReader(const fs::path& file) : descriptor_(open_to_read(file)) {
  struct stat status = {};
  if (::fstat(descriptor_.number(), &status) != 0)
    throw_system_error(errno, file.string() + ": can't be read");
  if (!S_ISREG(status.st_mode))
    throw FileError(file.string() + ": is a FIFO or device, expected a regular file");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

bool FileReader::read(void* to, std::size_t bytes, std::uint64_t offset) const {
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t got = ::pread(descriptor_.number(), static_cast<std::byte*>(to) + done,
                                bytes - done, static_cast<off_t>(offset + done));
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return true;
}

std::shared_ptr<std::byte> FileReader::map(std::size_t bytes, std::uint64_t offset) const {
  if (bytes == 0 || bytes > size_ || offset > size_ - bytes) return nullptr;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t before = offset % page;  // a mapping begins with a page
  void* const begin = ::mmap(nullptr, before + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE,
                             descriptor_.number(), static_cast<off_t>(offset - before));
  if (begin == MAP_FAILED) return nullptr;
  const auto unmap = [length = before + bytes](void* p) { ::munmap(p, length); };
  const std::shared_ptr<void> mapping(begin, unmap);
  return {mapping, static_cast<std::byte*>(begin) + before};
}

}  // namespace steelsight
