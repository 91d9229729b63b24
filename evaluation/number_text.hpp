#pragma once
// Numbers as text and back, the same in every locale.
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steelsight {

// The shortest text that reads back as the same number; "nan" and "inf" where it is none.
template <class T>
std::string number_text(T value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

// The number that the whole of `text` is, or nothing.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// With so many digits after the point.
std::string fixed_text(double value, int decimals);

// The nearest number with so many significant digits, 1 to 17: 0.0012345 with 3 is 0.00123.
double rounded_to_digits(double value, int digits);

// Settings as axes and lists have them: the first few digits of each number, all in one style, so
// "1e-3", "1e-2" if one of them is small or large, otherwise "0.1", "0.25".
std::vector<std::string> setting_texts(const std::vector<double>& values);

// 0.98765 with one decimal: "98.8 %".
std::string percent_text(double share, int decimals = 1);

}  // namespace steelsight
