#include "core/json_object.hpp"

namespace steelsight {

JsonObject::JsonObject(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
  if (!json_.is_object()) wrong_type(json_, path_.empty() ? "/" : path_, "an object");
}

const Json* JsonObject::find(const std::string& key) {
  known_.insert(key);
  const auto found = json_.find(key);
  return found == json_.end() ? nullptr : &*found;
}

void JsonObject::finish() const {
  for (const auto& [key, value] : json_.items()) {
    if (known_.contains(key)) continue;
    std::string names;
    for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
    throw ConfigError(path_ + "/" + key + " is not known; known here: " + names);
  }
}

void JsonObject::wrong_type(const Json& json, const std::string& path, const char* expected) {
  std::string got = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (got.size() > 40) got = got.substr(0, 37) + "...";
  throw ConfigError(path + " is " + got + ", expected " + expected);
}

Json parse_json(const std::string& text, const std::string& where) {
  // Deeper text would overflow the stack of whatever walks the values later.
  constexpr int kMaxDepth = 64;
  const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth)
      throw ConfigError(where + ": JSON is nested deeper than " + std::to_string(kMaxDepth));
    return true;
  };
  try {
    return Json::parse(text, limit_depth);
  } catch (const Json::exception& error) {
    throw ConfigError(where + ": not valid JSON: " + error.what());
  }
}

}  // namespace steelsight
