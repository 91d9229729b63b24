#pragma once
// Runs the program as a user does, and gives what it said.
#include <chrono>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct ProgramResult {
  int exit_code = -1;
  std::string out, err;
};

// Without a shell; standard input is empty. `interrupt_when`: SIGINT is sent as soon as this text
// stands on its standard output.
ProgramResult run_program(const std::vector<std::string>& arguments,
                          const std::string& interrupt_when = "");

// The same, and sends a signal that it catches if it runs for longer than `after`. It then has some
// seconds, where a user waits one, as tests run side by side: after them it is killed, which is
// exit code 1009.
ProgramResult signal_program(const std::vector<std::string>& arguments, int signal,
                             std::chrono::milliseconds after = std::chrono::milliseconds(700));

}  // namespace steelsight
