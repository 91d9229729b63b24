#pragma once
// The first image directory of a TIFF file (TIFF 6.0, section 2), as far as describing and checking
// an image needs it.
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "preprocessing/byte_reader.hpp"

namespace steelsight {

enum class TiffTag : std::uint32_t {
  width = 256,
  height = 257,
  bits_per_sample = 258,
  compression = 259,
  photometric = 262,
  strip_offsets = 273,
  samples_per_pixel = 277,
  strip_byte_counts = 279,
  planar_configuration = 284,
  tile_offsets = 324,
  tile_byte_counts = 325,
  extra_samples = 338,
  sample_format = 339,
};

class TiffDirectory {
 public:
  // `reader` must outlive this. Throws ImageError if the directory is damaged or names a tag twice
  // (readers disagree on which of the two counts), or if the file is a BigTIFF.
  explicit TiffDirectory(const ByteReader& reader);

  bool has(TiffTag tag) const { return entries_.contains(static_cast<std::uint32_t>(tag)); }
  // The values of an entry of whole numbers, empty if it is absent. Throws ImageError if they lie
  // outside the file or have another type.
  std::vector<std::uint32_t> values(TiffTag tag) const;
  // The first of them.
  std::uint32_t value(TiffTag tag, std::uint32_t absent) const;
  // Where the lowest byte of that one stands in the file. Throws as values(), and
  // std::out_of_range if the entry is absent.
  std::uint64_t place_of_low_byte(TiffTag tag) const;

 private:
  struct Entry {
    std::uint32_t type;
    std::uint32_t count;
    std::uint64_t at;  // where the values stand in the file
  };

  std::uint32_t u16(std::uint64_t at) const;
  std::uint32_t u32(std::uint64_t at) const;

  const ByteReader& reader_;
  bool big_endian_ = false;
  std::map<std::uint32_t, Entry> entries_;
};

}  // namespace steelsight
