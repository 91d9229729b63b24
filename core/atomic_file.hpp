#pragma once
// A file that appears whole or not at all: bytes go to a temporary file in the same folder,
// commit() syncs it and renames it over the target. Without commit() nothing is left behind.
//
//   AtomicFile file("report.json");
//   file.write(text);
//   file.commit();
//
// A symbolic link stays; its target is replaced. A file that was there keeps its permissions. A
// device or FIFO is written to as the bytes come. Temporary files of killed programs are removed by
// the next program that writes to the folder.
#include <cstddef>
#include <string>
#include <string_view>

#include "core/descriptor.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

class AtomicFile {
 public:
  // Creates missing parent folders. Throws FileError, ResourceError, Interrupted (while a FIFO or
  // device makes it wait), as do all members.
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  void commit();

 private:
  void create_temporary();
  void flush();

  const fs::path target_;  // as it was given, for messages
  fs::path file_;          // what is replaced, or written to
  fs::path temporary_;     // empty for a device or FIFO
  Descriptor descriptor_;
  std::string buffer_;
};

// The whole of `text` at once.
void write_file(const fs::path& target, std::string_view text);

// The whole file, also of a FIFO. Throws FileError if it can't be read or is larger than
// max_bytes; ResourceError, Interrupted.
std::string read_file(const fs::path& file, std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace steelsight
