#pragma once
// The order in which people number files: img_2 before img_10. Runs of ASCII digits of any length
// compare by value, everything else by byte; equal values (7 and 007) fall back to the bytes, so
// the order is total and does not depend on the locale.
#include <string_view>

namespace steelsight {

bool natural_less(std::string_view a, std::string_view b);

}  // namespace steelsight
