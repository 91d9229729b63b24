#pragma once
// What is wrong with one image file; the image's own fault, and that of a file that can't be read,
// are the errors that make it a row instead of ending a run. The message starts with the file's
// name and says what was expected, what was found and, where there is one, a hint.
#include "core/error.hpp"

namespace steelsight {

struct ImageError : FileError {
  using FileError::FileError;
};

}  // namespace steelsight
