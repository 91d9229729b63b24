#pragma once
// What a training run is known by: everything that its model's bytes depend on, by content and not
// by path. A run that was stopped goes on only as the same one.
#include <cstdint>
#include <map>
#include <string>

#include "core/json_object.hpp"

namespace steelsight {

struct RunIdentity {
  // config: the settings without paths and without what changes nothing; classes; start: a hash of
  // the first parameters, the network and the preparation of its input; backend.
  Json key = Json::object();
  // Part, label and content of each image (or row) that the run learns from or validates on, by
  // its name. "train Cr 0123456789abcdef".
  std::map<std::string, std::string> examples = {};

  // 16 hexadecimal digits, a hash of the key, parts, labels and contents, whatever the names.
  std::string digest() const;
};

Json to_json(const RunIdentity& identity);
// Throws ConfigError.
RunIdentity run_identity_from_json(const Json& json);

// What differs, as a sentence for the user; empty if both are the same run.
std::string difference(const RunIdentity& begun, const RunIdentity& now);

// What stands at a JSON pointer, as text: "nothing" where there is none.
std::string value_at(const Json& json, const std::string& pointer);

}  // namespace steelsight
