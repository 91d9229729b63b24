#pragma once
// A configuration struct as a table that names each key once. Reading, writing and checking follow
// from it, and what --help says.
//
//   const Fields<BenchConfig>& bench_fields() {
//     using C = BenchConfig;
//     static const Fields<C> fields{{
//         {"arch", &C::arch, {"--arch", "NAME", "Instead of a model: vgg16, ..."}},
//         {"seconds", &C::seconds, {"--seconds", "", "Least time"}, between(0, 3600)},
//     }};
//     return fields;
//   }
//
//   BenchConfig config = bench_fields().read(json, "/bench");  // strict
//   Json json = bench_fields().write(config);                  // the keys in the table's order
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/json_object.hpp"
#include "core/name_table.hpp"

namespace steelsight {

// How the command line calls a key.
struct KeyOption {
  const char* names = "";  // "-o,--output"; without dashes an argument; empty: by --set alone
  const char* value = "";  // what --help calls the value, "DIR"; empty: by its kind
  const char* help = "";
};

enum class ValueKind { text, number, flag, texts, numbers, object };

// A key for the command line, and where it stands below the section.
struct KeyDescription {
  std::string pointer;  // "/epochs", "/schedule/learning_rate"
  ValueKind kind = ValueKind::text;
  KeyOption option;
};

template <class T>
constexpr ValueKind kind_of_value() {
  if constexpr (std::is_same_v<T, bool>)
    return ValueKind::flag;
  else if constexpr (std::is_arithmetic_v<T>)
    return ValueKind::number;
  else if constexpr (std::is_constructible_v<std::string, T>)
    return ValueKind::text;
  else if constexpr (!IsVector<T>::value)
    return ValueKind::object;
  else if constexpr (std::is_arithmetic_v<typename T::value_type>)
    return ValueKind::numbers;
  else
    return ValueKind::texts;
}

template <class C>
class Fields;

template <class C>
class Field {
 public:
  // Says what is wrong with a value (core/value_checks.hpp).
  template <class T>
  using Check = std::function<std::string(const T&)>;

  // A number, a text, true or false, or a list of them.
  template <class T>
  requires(!std::is_enum_v<T>) Field(const char* key, T C::*member, KeyOption option = {},
                                     std::type_identity_t<Check<T>> check = {})
      : keys_{{std::string("/").append(key), kind_of_value<T>(), option}},
        read_([=](JsonObject& object, C& config) {
          object.read(key, config.*member);
          const std::string wrong = check ? check(config.*member) : "";
          if (!wrong.empty()) throw ConfigError(object.path() + "/" + key + wrong);
        }),
        write_([=](Json& json, const C& config) { json[key] = config.*member; }) {}

  // An enum, by the names of its values.
  template <class E, std::size_t N>
  Field(const char* key, E C::*member, const NamedValue<E> (&names)[N], KeyOption option = {})
      : keys_{{std::string("/").append(key), ValueKind::text, option}},
        read_([=, &names](JsonObject& object, C& config) {
          std::string name = name_of(names, config.*member);
          object.read(key, name);
          config.*member = value_of(names, name, object.path() + "/" + key);
        }),
        write_([=, &names](Json& json, const C& config) {
          json[key] = name_of(names, config.*member);
        }) {}

  // An object or list below the key, with a function that reads it; to_json(part) writes it.
  template <class Part>
  Field(const char* key, Part C::*member, Part (*parse)(const Json&, const std::string& path),
        KeyOption option = {})
      : keys_{{std::string("/").append(key), ValueKind::object, option}},
        read_([=](JsonObject& object, C& config) {
          if (const Json* part = object.find(key))
            config.*member = parse(*part, object.path() + "/" + key);
        }),
        write_([=](Json& json, const C& config) { json[key] = to_json(config.*member); }) {}

  // The keys of a part that several structs have, in the same object.
  template <class Part>
  Field(Part C::*member, const Fields<Part>& part)
      : keys_(part.keys()),
        read_([=, &part](JsonObject& object, C& config) { part.read(object, config.*member); }),
        write_([=, &part](Json& json, const C& config) { part.write(json, config.*member); }) {}

 private:
  friend class Fields<C>;
  std::vector<KeyDescription> keys_;
  std::function<void(JsonObject&, C&)> read_;
  std::function<void(Json&, const C&)> write_;
};

template <class C>
class Fields {
 public:
  // check: of values together, and what follows from an empty one. Throws ConfigError.
  using Check = std::function<void(C& config, const std::string& path)>;

  explicit Fields(std::vector<Field<C>> fields, Check check = {})
      : fields_(std::move(fields)), check_(std::move(check)) {
    for (const Field<C>& field : fields_)
      keys_.insert(keys_.end(), field.keys_.begin(), field.keys_.end());
  }

  // Keys that are not there keep their values in `config`. Throws ConfigError with the path of what
  // is wrong: an unknown key, a wrong type, a value that a check refuses.
  C read(const Json& json, const std::string& path, C config = {}) const {
    JsonObject object(json, path);
    read(object, config);
    object.finish();
    return config;
  }
  void read(JsonObject& object, C& config) const {
    for (const Field<C>& field : fields_) field.read_(object, config);
    if (check_) check_(config, object.path());
  }

  Json write(const C& config) const {
    Json json = Json::object();
    write(json, config);
    return json;
  }
  void write(Json& json, const C& config) const {
    for (const Field<C>& field : fields_) field.write_(json, config);
  }

  const std::vector<KeyDescription>& keys() const { return keys_; }

 private:
  std::vector<Field<C>> fields_;
  Check check_;
  std::vector<KeyDescription> keys_;
};

}  // namespace steelsight
