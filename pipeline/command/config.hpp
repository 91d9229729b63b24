#pragma once
// Where a command's configuration comes from: its defaults, then the file of --config, then each
// --set, then the command line's options; the later wins. All of it is one JSON object with a
// section for each command, which the command reads strictly: an unknown key is an error that names
// it.
#include <string>
#include <utility>
#include <vector>

#include "core/filesystem.hpp"
#include "core/json_object.hpp"

namespace steelsight {

struct ConfigSources {
  std::string file = {};               // the file of --config; empty: none
  std::vector<std::string> sets = {};  // "/train/epochs=5": a JSON pointer and a JSON value; what
                                       // is not JSON is a text
  std::vector<std::pair<std::string, Json>> options = {};  // pointer below the section, value
};

// The section of that name with everything applied. Sections of other commands are let
// through. Throws ConfigError, also for a section that no command has.
Json gather_config(const std::string& section, Json defaults, const ConfigSources& sources);

// Writes {"section": config}, which --config reads back.
void write_config(const fs::path& file, const std::string& section, const Json& config);

}  // namespace steelsight
