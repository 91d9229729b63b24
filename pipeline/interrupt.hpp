#pragma once
// Ctrl-C as a question that a stage asks between two batches, so that it can save and leave.
#include "core/error.hpp"

namespace steelsight {

// The stage stopped because the user asked for it; what was half done is not left behind. Exit code
// 130, as shells expect of SIGINT.
struct Interrupted : Error {
  using Error::Error;
};

// From now on SIGINT and SIGTERM are remembered instead of ending the program; the second one ends
// it at once.
void catch_interrupts();
bool interrupted();

}  // namespace steelsight
