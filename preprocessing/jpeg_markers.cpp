#include "preprocessing/jpeg_markers.hpp"

#include <optional>

namespace steelsight {
namespace {

constexpr std::uint32_t kStartOfImage = 0xD8, kEndOfImage = 0xD9;

struct Marker {
  std::uint32_t code;
  std::uint64_t content;  // offset of what follows
};

bool is_restart(std::uint32_t code) {
  return code >= 0xD0 && code <= 0xD7;
}

// Whether the marker stands alone, without a length.
bool stands_alone(std::uint32_t code) {
  return is_restart(code) || code == kStartOfImage || code == kEndOfImage || code == 0x01;
}

// C4, C8 and CC stand among the frame headers without being one.
bool is_frame(std::uint32_t code) {
  return code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
}

// The next marker at or after `at`, over image data: there, FF 00 is a data byte.
std::optional<Marker> next_marker(const ByteReader& reader, std::uint64_t at) {
  for (; at + 1 < reader.size(); ++at) {
    if (reader.u8(at) != 0xFF) continue;
    const std::uint32_t code = reader.u8(at + 1);
    if (code != 0x00 && code != 0xFF) return Marker{code, at + 2};
  }
  return std::nullopt;
}

std::uint64_t end_of(const ByteReader& reader, const Marker& marker) {
  return marker.content + (stands_alone(marker.code) ? 0 : reader.big16(marker.content));
}

}  // namespace

std::uint64_t find_jpeg_frame(const ByteReader& reader) {
  auto marker = next_marker(reader, 0);
  while (marker && !is_frame(marker->code)) marker = next_marker(reader, end_of(reader, *marker));
  if (!marker) reader.fail("JPEG has no frame header; it is truncated or damaged");
  return marker->content + 2;
}

bool has_jpeg_end(const ByteReader& reader) {
  auto marker = next_marker(reader, 0);
  while (marker && marker->code != kEndOfImage) {
    // A segment whose length is cut off is cut off as well.
    if (!stands_alone(marker->code) && marker->content + 2 > reader.size()) return false;
    marker = next_marker(reader, end_of(reader, *marker));
  }
  return marker.has_value();
}

}  // namespace steelsight
