#include "evaluation/number_text.hpp"

#include <algorithm>
#include <cmath>

namespace steelsight {
namespace {

// 0.00025: "2.5e-4", without the zeros and the plus of "2.5e-04" and "1e+05".
std::string scientific_text(double value) {
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  const std::string whole(text.data(), end);
  const std::size_t e = whole.find('e');
  return whole.substr(0, e + 1) + std::to_string(std::stoi(whole.substr(e + 1)));
}

}  // namespace

std::string fixed_text(double value, int decimals) {
  std::array<char, 400> text;  // the largest double has 309 digits before the point
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return std::string(text.data(), end);
}

double rounded_to_digits(double value, int digits) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::scientific, digits - 1)
                       .ptr;
  return parse_number<double>({text.data(), static_cast<std::size_t>(end - text.data())}).value();
}

std::vector<std::string> setting_texts(const std::vector<double>& values) {
  constexpr int kDigits = 4;
  const bool is_scientific = std::ranges::any_of(values, [](double value) {
    return value != 0 && (std::abs(value) < 0.01 || std::abs(value) >= 1e5);
  });
  std::vector<std::string> texts;
  for (const double value : values) {
    const double rounded = rounded_to_digits(value, kDigits);
    texts.push_back(is_scientific && value != 0 ? scientific_text(rounded) : number_text(rounded));
  }
  return texts;
}

std::string percent_text(double share, int decimals) {
  return fixed_text(100 * share, decimals) + " %";
}

}  // namespace steelsight
