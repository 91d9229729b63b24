#pragma once
// What can go wrong in models/.
#include "core/error.hpp"

namespace steelsight {

// A model file, a weights file or a network spec that can't be used: exit code 4.
struct ModelError : Error {
  using Error::Error;
};

// The backend (oneDNN) refused or failed: exit code 5.
struct BackendError : Error {
  using Error::Error;
};

}  // namespace steelsight
