#pragma once
// What the reader and the writer of safetensors files share.
#include <cstddef>
#include <cstdint>
#include <string>

namespace steelsight::safetensors {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
inline constexpr std::size_t kMaxDimensions = 16;
inline constexpr const char* kMetadataKey = "__metadata__";

inline std::string quoted(const std::string& name) {
  return "'" + name + "'";
}

}  // namespace steelsight::safetensors
