#pragma once
// The root of every error that a user can meet. Each folder derives its own type; only main
// catches. A message says what, where, expected against got, and a hint:
//   "Cr_7.bmp: image has 5 channels, expected 1, 3 or 4"
#include <stdexcept>

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

}  // namespace steelsight
