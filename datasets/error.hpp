#pragma once
// A data set, list or split that can't be used as it is: exit code 3.
#include "core/error.hpp"

namespace steelsight {

struct DatasetError : Error {
  using Error::Error;
};

}  // namespace steelsight
