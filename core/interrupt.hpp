#pragma once
// How long work is stopped: it takes a std::stop_token, asks it between two batches, and leaves by
// Interrupted. The token is the caller's; a program's main has one that Ctrl-C stops.
#include <stop_token>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace steelsight {

// The work stopped because the user asked for it; what was half done is not left behind. Exit code
// 130, as shells expect of SIGINT.
struct Interrupted : Error {
  using Error::Error;
};

// Throws Interrupted, "interrupted while DOING", if that was asked for.
void throw_if_stopped(const std::stop_token& stop, std::string_view doing);

// For main. From now on SIGINT, SIGTERM and SIGHUP stop the token instead of ending the program;
// the second one ends it at once. A signal that is ignored already (nohup) stays so. All of them
// are left as they are where no thread can be started that waits for them.
std::stop_token stop_on_signals();

// For core/ alone, which waits for files at a depth that no token reaches: whether a signal came.
bool interrupted();

// Throws Interrupted as above, if a signal came; otherwise sleeps a moment (a twentieth of a
// second). For loops that wait for something outside of the program.
void wait_a_moment(const std::string& doing);

}  // namespace steelsight
