#pragma once
// What is wrong with one image file. The message starts with the file's name and says what was
// expected, what was found and, where there is one, a hint.
#include "core/error.hpp"

namespace steelsight {

struct ImageError : Error {
  using Error::Error;
};

}  // namespace steelsight
