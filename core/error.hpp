#pragma once
// The root of every error that a user can meet. Each folder derives its own type; only main
// catches. A message says what, where, expected against got, and a hint:
//   "Cr_7.bmp: image has 5 channels, expected 1, 3 or 4"
#include <stdexcept>
#include <string>

namespace steelsight {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Wrong usage or configuration: exit code 2.
struct ConfigError : Error {
  using Error::Error;
};

// A file that can't be read or written: exit code 3.
struct FileError : Error {
  using Error::Error;
};

// The machine has no more of something: open files, memory, threads, room for processes. No fault
// of the file or image at hand, so it ends the run instead of becoming a row: exit code 5.
struct ResourceError : Error {
  using Error::Error;
};

// The error of a system call: "WHAT: TEXT OF errno", as a ResourceError where the machine is short
// of something (EMFILE, ENFILE, ENOMEM, EAGAIN), otherwise as a FileError.
[[noreturn]] void throw_system_error(int error, const std::string& what);

}  // namespace steelsight
