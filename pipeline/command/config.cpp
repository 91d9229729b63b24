#include "pipeline/command/config.hpp"

#include <algorithm>
#include <array>

#include "core/atomic_file.hpp"

namespace steelsight {
namespace {

constexpr std::array kSections{"train",   "classify", "evaluate", "report",  "check",
                               "search",  "distill",  "extend",   "extract", "synth",
                               "explore", "quantize", "info",     "bench"};

void check_section(const std::string& name, const std::string& where) {
  if (std::ranges::find(kSections, name) != kSections.end()) return;
  std::string known;
  for (const char* section : kSections) known += (known.empty() ? "" : ", ") + std::string(section);
  throw ConfigError(where + ": there is no section '" + name + "'; known are " + known);
}

Json parse_value(const std::string& text, const std::string& where) {
  return Json::accept(text) ? parse_json(text, where) : Json(text);
}

// Throws ConfigError that names the path of the first null, which begins with `path`: to merge it
// would take a key away and say nothing.
void refuse_nulls(const Json& json, const std::string& path) {
  if (json.is_null())
    throw ConfigError(path + " is null, expected a value; leave the key out for its default");
  if (!json.is_structured()) return;
  std::size_t index = 0;
  for (const auto& [key, value] : json.items())
    refuse_nulls(value, path + "/" + (json.is_array() ? std::to_string(index++) : key));
}

// The first part of "/train/epochs" and the rest, "/epochs".
std::pair<std::string, std::string> split_pointer(const std::string& pointer,
                                                  const std::string& where) {
  const std::size_t slash = pointer.find('/', 1);
  if (pointer.empty() || pointer[0] != '/' || slash == std::string::npos)
    throw ConfigError(where + ": expected /SECTION/KEY=VALUE, as in /train/epochs=5");
  return {pointer.substr(1, slash - 1), pointer.substr(slash)};
}

void assign(Json& config, const std::string& pointer, const Json& value, const std::string& where) {
  try {
    config[Json::json_pointer(pointer)] = value;
  } catch (const Json::exception&) {
    throw ConfigError(where + ": '" + pointer + "' leads nowhere in the configuration");
  }
}

}  // namespace

Json gather_config(const std::string& section, Json config, const ConfigSources& sources) {
  if (!sources.file.empty()) {
    const Json file = parse_json(read_file(sources.file), sources.file);
    if (!file.is_object()) throw ConfigError(sources.file + ": expected an object with sections");
    for (const auto& [name, value] : file.items()) {
      check_section(name, sources.file);
      refuse_nulls(value, sources.file + ": /" + name);
      if (name == section) config.merge_patch(value);
    }
  }
  for (const std::string& set : sources.sets) {
    const std::string where = "--set " + set;
    const std::size_t equals = set.find('=');
    const auto [name, pointer] = split_pointer(set.substr(0, equals), where);
    if (equals == std::string::npos) throw ConfigError(where + ": has no '=VALUE'");
    check_section(name, where);
    if (name == section) assign(config, pointer, parse_value(set.substr(equals + 1), where), where);
  }
  for (const auto& [pointer, value] : sources.options) assign(config, pointer, value, pointer);
  return config;
}

void write_config(const fs::path& file, const std::string& section, const Json& config) {
  write_file(file,
             Json{{section, config}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace steelsight
