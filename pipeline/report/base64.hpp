#pragma once
// Bytes inside of text.
#include <string>
#include <string_view>

namespace steelsight {

// RFC 4648, with padding.
std::string base64(std::string_view bytes);

// "data:image/png;base64,...", an address that holds what it is the address of (RFC 2397).
std::string data_uri(const std::string& media_type, std::string_view bytes);

}  // namespace steelsight
