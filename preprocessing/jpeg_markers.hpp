#pragma once
// The sequence of markers that a JPEG file is made of (ITU-T T.81, annex B).
#include <cstdint>

#include "preprocessing/byte_reader.hpp"

namespace steelsight {

// Offset of the frame header's content: precision (1 byte), height (2), width (2), components (1).
// Throws ImageError if there is none.
std::uint64_t find_jpeg_frame(const ByteReader& reader);

// Whether the image ends with its end marker, as every complete file does. A decoder paints what is
// missing gray without a word.
bool has_jpeg_end(const ByteReader& reader);

}  // namespace steelsight
