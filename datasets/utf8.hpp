#pragma once
// File names on Linux are bytes; reports, JSON and class names are UTF-8.
#include <string>
#include <string_view>

namespace steelsight {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above
// U+10FFFF.
bool is_utf8(std::string_view bytes);

// `bytes` with every byte that is not part of well-formed UTF-8 written as \xNN.
std::string to_utf8(std::string_view bytes);

// A-Z become a-z, all other bytes stay: for extensions, keywords and finding twins.
std::string ascii_lower(std::string_view text);

}  // namespace steelsight
