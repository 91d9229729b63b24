#pragma once
// The shipped model: used where no model is named.
#include "core/filesystem.hpp"

namespace steelsight {

// Its file: share/steelsight beside the program's folder where it is installed, or
// models/pretrained in the source tree that the program was built in. Throws ModelError if neither
// is there.
fs::path pretrained_model();

}  // namespace steelsight
