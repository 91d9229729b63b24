#pragma once
// Runs the program as a user does, and gives what it said.
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

}  // namespace steelsight
