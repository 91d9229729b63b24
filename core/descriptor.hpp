#pragma once
// An open file of Linux, and the few calls on it that may wait: each of them hears Ctrl-C.
#include <cstddef>
#include <utility>

#include "core/filesystem.hpp"

namespace steelsight {

// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

// Never waits, not even for the writer of a FIFO. Throws FileError for a folder, for a device,
// which may have no end (zeros, a terminal), and for what can't be opened, ResourceError.
Descriptor open_to_read(const fs::path& file);

// Opens an existing device or FIFO. Waits for a FIFO's reader. Throws FileError, ResourceError,
// Interrupted.
Descriptor open_to_write(const fs::path& file);

// Up to `size` bytes; 0 at the end. Waits for the writer of a FIFO. Throws
// FileError and ResourceError that begin with the file's name, Interrupted.
std::size_t read_some(const Descriptor& descriptor, void* to, std::size_t size,
                      const fs::path& file);

// All of them. Throws the same.
void write_all(const Descriptor& descriptor, const void* from, std::size_t size,
               const fs::path& file);

// An exclusive lock (flock) until the descriptor is closed, also by the end of the process. False
// if another one has it. True too where the file system knows no locks.
bool try_lock(const Descriptor& descriptor);

// Waits for it. Throws Interrupted.
void lock(const Descriptor& descriptor, const fs::path& file);

// Whether the open file is the one at this path: it may have been removed or replaced meanwhile.
bool is_still_at(const Descriptor& descriptor, const fs::path& file);

}  // namespace steelsight
