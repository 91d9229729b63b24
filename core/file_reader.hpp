#pragma once
// A file's bytes, copied or mapped.
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/descriptor.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

// Parts of a file, from a Linux file descriptor: what is at the path meanwhile may be another file.
class FileReader {
 public:
  // Throws FileError if it isn't a regular file that can be opened, ResourceError.
  explicit FileReader(const fs::path& file);

  // In bytes, when it was opened.
  std::uint64_t size() const { return size_; }

  // Copies the bytes at an offset. False if they can't be read, or end before.
  bool read(void* to, std::size_t bytes, std::uint64_t offset) const;

  // The bytes at an offset as the kernel caches them: what isn't looked at isn't read, and what is
  // written into them stays in this process. They stay when the reader is gone. Nothing where the
  // file can't be mapped. A program that looks at bytes which the file has no more (it was cut, not
  // replaced) is ended by SIGBUS.
  std::shared_ptr<std::byte> map(std::size_t bytes, std::uint64_t offset) const;

 private:
  Descriptor descriptor_;
  std::uint64_t size_;
};

}  // namespace steelsight
