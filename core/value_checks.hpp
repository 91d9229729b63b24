#pragma once
// What a value of a configuration may be. Each function gives a check for core/fields.hpp: a
// function that says what is wrong with a value, as a message goes on behind the value's path
// (" is 0, expected 1 to 8"), or nothing.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_object.hpp"

namespace steelsight {

// The value as a user writes it: 1, not 1.0.
template <class T>
std::string value_text(const T& value) {
  std::string text = Json(value).dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

template <class T>
std::string expected_instead(const T& value, const std::string& expected) {
  return " is " + value_text(value) + ", expected " + expected;
}

// note: what a special value means, "0: off".
template <class T>
std::string bound_text(T bound, const std::string& note) {
  return value_text(bound) + (note.empty() ? "" : " (" + note + ")");
}

// Both bounds belong to it.
template <class Bound>
auto between(Bound low, Bound high, const std::string& note = "") {
  return [=](const auto& value) -> std::string {
    if (value >= low && value <= high) return "";
    return expected_instead(value, bound_text(low, "") + " to " + bound_text(high, note));
  };
}

template <class Bound>
auto at_least(Bound low, const std::string& note = "") {
  return [=](const auto& value) -> std::string {
    if (value >= low) return "";
    return expected_instead(value, bound_text(low, note) + " or more");
  };
}

template <class Bound>
auto more_than(Bound low) {
  return [=](const auto& value) -> std::string {
    return value > low ? "" : expected_instead(value, "more than " + bound_text(low, ""));
  };
}

// `low` does not belong to it, `high` does.
template <class Bound>
auto more_than_up_to(Bound low, Bound high) {
  return [=](const auto& value) -> std::string {
    if (value > low && value <= high) return "";
    return expected_instead(
        value, "more than " + bound_text(low, "") + " and at most " + bound_text(high, ""));
  };
}

// In [0, 1).
inline auto share_below_one() {
  return [](const auto& value) -> std::string {
    if (value >= 0 && value < 1) return "";
    return expected_instead(value, "0 or more and less than 1");
  };
}

// A text or list that must be given. what: "a folder to write to, -o DIR".
inline auto required(const std::string& what) {
  return
      [=](const auto& value) -> std::string { return value.empty() ? " is missing: " + what : ""; };
}

inline auto model_file() {
  return [](const std::string& value) -> std::string {
    if (value.empty()) return " is missing: the model file to write, -o MODEL.safetensors";
    if (value.ends_with(".safetensors")) return "";
    return expected_instead(value, "a file name that ends in .safetensors");
  };
}

template <class... Names>
auto one_of(Names... names) {
  return [known = std::array<const char*, sizeof...(Names)>{names...}](const std::string& value) {
    if (std::ranges::find(known, std::string_view(value)) != known.end()) return std::string();
    std::string list;
    for (std::size_t i = 0; i < known.size(); ++i)
      list += (i == 0 ? "" : i + 1 < known.size() ? ", " : " or ") + std::string(known[i]);
    return expected_instead(value, list);
  };
}

// Every entry of a list, of which there is at least one.
template <class Check>
auto each(Check check) {
  return [=](const auto& values) -> std::string {
    if (values.empty()) return " is empty, expected a list";
    for (const auto& value : values)
      if (std::string wrong = check(value); !wrong.empty()) return " has an entry that" + wrong;
    return "";
  };
}

}  // namespace steelsight
