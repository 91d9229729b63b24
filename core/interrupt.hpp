#pragma once
// Ctrl-C as a question that is asked between two batches, and while the program waits for a lock, a
// FIFO or a device, so that it can save and leave.
#include <string>

#include "core/error.hpp"

namespace steelsight {

// The work stopped because the user asked for it; what was half done is not left behind. Exit code
// 130, as shells expect of SIGINT.
struct Interrupted : Error {
  using Error::Error;
};

// From now on SIGINT, SIGTERM and SIGHUP are remembered instead of ending the program; the second
// one ends it at once. A signal that is ignored already (nohup) stays so.
void catch_interrupts();
bool interrupted();

// Throws Interrupted, "interrupted while DOING", if that was asked for; otherwise sleeps a moment
// (a twentieth of a second). For loops that wait for something outside of the program.
void wait_a_moment(const std::string& doing);

}  // namespace steelsight
