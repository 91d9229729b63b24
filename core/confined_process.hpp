#pragma once
// Work of a library that can't be trusted with the bytes it gets, in a process of its own: there it
// may crash, hang or ask for memory without end. What it writes comes back through a pipe.
#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/descriptor.hpp"

namespace steelsight {

class ConfinedProcess {
 public:
  struct Limits {
    std::uint64_t memory_bytes;  // beyond what this process has mapped already
    unsigned cpu_seconds;
  };

  // Begins the work, in a copy of this process (fork) that has no thread but this one, and no file
  // open but the pipe. So the work must not use what has threads of its own (oneDNN, OpenMP). What
  // it prints is lost, what it throws ends it. Throws ResourceError.
  ConfinedProcess(const Limits& limits, const std::function<void(const Descriptor& to)>& work);
  ~ConfinedProcess();  // ends it
  ConfinedProcess(const ConfinedProcess&) = delete;
  ConfinedProcess& operator=(const ConfinedProcess&) = delete;

  // The next bytes of what it writes, all of them. False if it ended before, in whatever way, or
  // wrote nothing for five minutes. Throws Interrupted.
  bool read(void* to, std::size_t size);

 private:
  std::size_t read_some(void* to, std::size_t size);

  Descriptor from_;
  int process_;
};

// Forbids this process to open files, for good. Open files stay open. For work on an open file
// whose content could name other files to read or load.
void forbid_opening_files();

}  // namespace steelsight
