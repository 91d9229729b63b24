#pragma once
// Strict reading of a JSON object into a struct: wrong types, numbers out of range and unknown keys
// are ConfigErrors that name the path ("/train/epochs").
//
//   JsonObject object(json, "/train");
//   object.read("epochs", config.epochs);          // keeps the default if the key is absent
//   config.name = object.require<std::string>("name");
//   object.finish();                               // throws if a key was not read
#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.hpp"

namespace steelsight {

using Json = nlohmann::ordered_json;

class JsonObject {
 public:
  // `json` must outlive this. Throws ConfigError if it is not an object.
  JsonObject(const Json& json, std::string path);

  // Whether the key was there.
  template <class T>
  bool read(const std::string& key, T& value) {
    const Json* found = find(key);
    if (found != nullptr) value = convert<T>(*found, path_ + "/" + key);
    return found != nullptr;
  }

  template <class T>
  T require(const std::string& key) {
    const Json* found = find(key);
    if (found == nullptr) throw ConfigError(path_ + "/" + key + " is missing");
    return convert<T>(*found, path_ + "/" + key);
  }

  // Marks the key as known and gives its value, or nullptr.
  const Json* find(const std::string& key);
  const std::string& path() const { return path_; }
  void finish() const;

 private:
  [[noreturn]] static void wrong_type(const Json& json, const std::string& path,
                                      const char* expected);
  template <class T>
  static T convert(const Json& json, const std::string& path);

  const Json& json_;
  std::string path_;
  std::set<std::string> known_;
};

// Parses text; a syntax error, nesting deeper than 64, or a key that is twice in an object (named
// by its path) is a ConfigError that starts with `where`, unless that is empty.
Json parse_json(const std::string& text, const std::string& where);

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
T JsonObject::convert(const Json& json, const std::string& path) {
  if constexpr (std::same_as<T, Json>) {
    return json;
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) wrong_type(json, path, "true or false");
    return json.get<bool>();
  } else if constexpr (std::same_as<T, std::string>) {
    if (!json.is_string()) wrong_type(json, path, "a text");
    return json.get<std::string>();
  } else if constexpr (std::integral<T>) {
    if (!json.is_number_integer()) wrong_type(json, path, "a whole number");
    if (json.is_number_unsigned()) {
      if (!std::in_range<T>(json.get<std::uint64_t>())) wrong_type(json, path, "a smaller number");
      return static_cast<T>(json.get<std::uint64_t>());
    }
    if (!std::in_range<T>(json.get<std::int64_t>()))
      wrong_type(json, path,
                 std::is_unsigned_v<T> ? "a number that is not negative" : "a number in range");
    return static_cast<T>(json.get<std::int64_t>());
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number()) wrong_type(json, path, "a number");
    const double value = json.get<double>();
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<T>::max())))
      wrong_type(json, path, "a finite number");
    return static_cast<T>(value);
  } else {
    static_assert(IsVector<T>::value, "JsonObject reads scalars, texts, Json and vectors of them");
    if (!json.is_array()) wrong_type(json, path, "a list");
    T values;
    for (std::size_t i = 0; i < json.size(); ++i)
      values.push_back(convert<typename T::value_type>(json[i], path + "/" + std::to_string(i)));
    return values;
  }
}

}  // namespace steelsight
