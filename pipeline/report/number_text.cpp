#include "pipeline/report/number_text.hpp"

namespace steelsight {

std::string percent_text(double share, int decimals) {
  std::array<char, 400> text;  // the largest double has 309 digits
  const auto end = std::to_chars(text.data(), text.data() + text.size(), 100 * share,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return std::string(text.data(), end) + " %";
}

}  // namespace steelsight
