#include "pipeline/report/number_text.hpp"

namespace steelsight {

std::string percent_text(double share, int decimals) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), 100 * share,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return std::string(text.data(), end) + " %";
}

}  // namespace steelsight
