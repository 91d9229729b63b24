#pragma once
#include "models/onednn/builder.hpp"

namespace steelsight::onednn {

// Throws BackendError where oneDNN is known to compute something else than it says.
void check_library(Context& context);

}  // namespace steelsight::onednn
