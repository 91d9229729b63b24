#pragma once
// A file that appears whole or not at all: bytes go to a temporary file in the same folder,
// commit() syncs it and renames it over the target. Without commit() nothing is left behind.
//
//   AtomicFile file("report.json");
//   file.write(text);
//   file.commit();
#include <cstddef>
#include <cstdio>
#include <string_view>

#include "core/filesystem.hpp"

namespace steelsight {

class AtomicFile {
 public:
  // Creates missing parent folders. Throws FileError, as do all members.
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();

 private:
  [[noreturn]] void fail(const char* doing) const;

  fs::path target_;
  fs::path temporary_;
  std::FILE* file_ = nullptr;
};

// The whole of `text` at once.
void write_file(const fs::path& target, std::string_view text);

// The whole file. Throws FileError if it can't be read or is larger than max_bytes.
std::string read_file(const fs::path& file, std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace steelsight
