#include "core/json_object.hpp"

#include "core/file_kind.hpp"

namespace steelsight {
namespace {

// Deeper text would overflow the stack of whatever walks the values later.
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxShown = 200;  // bytes of a path: a hostile key is as long as the file

// Where in a text its parser is. nlohmann's keeps the last of two values of one key and says
// nothing: a ConfigError names the path of the second.
class PlaceInText {
 public:
  void follow(Json::parse_event_t event, const Json& parsed) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::key:
        take_key(parsed.get_ref<const std::string&>());
        break;
      case Event::object_start:
      case Event::array_start:
        begin_value();
        open_.push_back({.is_list = event == Event::array_start});
        if (open_.size() > kMaxDepth)
          throw ConfigError("JSON is nested deeper than " + std::to_string(kMaxDepth));
        break;
      case Event::object_end:
      case Event::array_end:
        open_.pop_back();
        break;
      case Event::value:
        begin_value();
        break;
    }
  }

 private:
  struct Open {
    bool is_list = false;
    std::size_t values = 0;  // begun so far in a list
    std::string key = {};    // the newest in an object
    std::set<std::string> keys = {};
  };

  void begin_value() {
    if (!open_.empty()) ++open_.back().values;
  }

  void take_key(const std::string& key) {
    open_.back().key = key;
    if (!open_.back().keys.insert(key).second)
      throw ConfigError(path().substr(0, kMaxShown) + " is there twice");
  }

  std::string path() const {
    std::string path;
    for (const Open& open : open_)
      path += "/" + (open.is_list ? std::to_string(open.values - 1) : open.key);
    return path;
  }

  std::vector<Open> open_;
};

}  // namespace

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
    throw ConfigError((path_ + "/" + key).substr(0, kMaxShown) +
                      " is not known; known here: " + names);
  }
}

void JsonObject::wrong_type(const Json& json, const std::string& path, const char* expected) {
  std::string got = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (got.size() > 40) got = got.substr(0, 37) + "...";
  throw ConfigError(path + " is " + got + ", expected " + expected);
}

Json parse_json(const std::string& text, const std::string& where) {
  const std::string prefix = where.empty() ? "" : where + ": ";
  PlaceInText place;
  const auto follow = [&](int, Json::parse_event_t event, const Json& parsed) {
    place.follow(event, parsed);
    return true;
  };
  try {
    return Json::parse(text, follow);
  } catch (const Json::exception& error) {
    const std::optional<FileKind> kind = kind_of_bytes(text.substr(0, kFileKindBytes));
    throw ConfigError(prefix + "not valid JSON: " +
                      (kind && !kind->is_text ? "it is " + kind->what : error.what()));
  } catch (const ConfigError& error) {
    throw ConfigError(prefix + error.what());
  }
}

}  // namespace steelsight
