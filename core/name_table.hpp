#pragma once
// The names that the values of an enum have in JSON.
//
//   constexpr NamedValue<Kind> kKinds[] = {{Kind::sgd, "sgd"}, {Kind::adam, "adam"}};
//   kind = value_of(kKinds, name, "/train/optimizer/kind");
#include <cstddef>
#include <stdexcept>
#include <string>

#include "core/error.hpp"

namespace steelsight {

template <class E>
struct NamedValue {
  E value;
  const char* name;
};

// Throws ConfigError with `path` and the names that are known.
template <class E, std::size_t N>
E value_of(const NamedValue<E> (&table)[N], const std::string& name, const std::string& path) {
  std::string names;
  for (const NamedValue<E>& entry : table) {
    if (name == entry.name) return entry.value;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw ConfigError(path + " is \"" + name + "\", expected one of " + names);
}

// Throws std::invalid_argument for a value that is not in the table.
template <class E, std::size_t N>
const char* name_of(const NamedValue<E> (&table)[N], E value) {
  for (const NamedValue<E>& entry : table)
    if (entry.value == value) return entry.name;
  throw std::invalid_argument("name_of: the value " + std::to_string(static_cast<int>(value)) +
                              " is not in the table");
}

}  // namespace steelsight
