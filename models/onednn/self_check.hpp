#pragma once
#include "models/onednn/builder.hpp"

namespace steelsight::onednn {

// Throws BackendError where oneDNN is known to compute something else than it says. machine: for
// the message, Backend::machine().
void check_library(Context& context, const std::string& machine);

}  // namespace steelsight::onednn
