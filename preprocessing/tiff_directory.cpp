#include "preprocessing/tiff_directory.hpp"

#include <algorithm>

namespace steelsight {
namespace {

// Bytes of one value; 0 for a type of which only the place is known.
std::uint64_t type_size(std::uint32_t type) {
  switch (type) {
    case 1:
      return 1;  // BYTE
    case 3:
      return 2;  // SHORT
    case 4:
      return 4;  // LONG
    default:
      return 0;
  }
}

}  // namespace

TiffDirectory::TiffDirectory(const ByteReader& reader) : reader_(reader) {
  big_endian_ = reader.u8(0) == 'M';
  const std::uint32_t version = u16(2);
  if (version == 43) reader.fail("is a BigTIFF, expected a TIFF of less than 4 GB");
  if (version != 42)
    reader.fail("TIFF version is " + std::to_string(version) + ", expected 42; it is damaged");
  const std::uint64_t start = u32(4);
  const std::uint32_t count = u16(start);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t at = start + 2 + std::uint64_t{12} * i;
    Entry entry{u16(at + 2), u32(at + 4), at + 8};
    if (type_size(entry.type) * entry.count > 4) entry.at = u32(at + 8);
    if (!entries_.emplace(u16(at), entry).second)
      reader.fail("TIFF tag " + std::to_string(u16(at)) + " appears twice; it is damaged");
  }
}

std::vector<std::uint32_t> TiffDirectory::values(TiffTag tag) const {
  const auto found = entries_.find(static_cast<std::uint32_t>(tag));
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  const std::uint64_t size = type_size(entry.type);
  if (size == 0 || entry.count == 0)
    reader_.fail("TIFF tag " + std::to_string(found->first) + " has " +
                 std::to_string(entry.count) + " values of type " + std::to_string(entry.type) +
                 ", expected whole numbers; it is damaged");
  reader_.take(entry.at, size * entry.count);  // bounds the allocation by the file's size
  std::vector<std::uint32_t> values(entry.count);
  for (std::uint32_t i = 0; i < entry.count; ++i) {
    const std::uint64_t at = entry.at + size * i;
    values[i] = size == 1 ? reader_.u8(at) : size == 2 ? u16(at) : u32(at);
  }
  return values;
}

std::uint32_t TiffDirectory::value(TiffTag tag, std::uint32_t absent) const {
  return has(tag) ? values(tag).front() : absent;
}

std::uint64_t TiffDirectory::place_of_low_byte(TiffTag tag) const {
  const Entry& entry = entries_.at(static_cast<std::uint32_t>(tag));
  values(tag);  // lies in the file
  return entry.at + (big_endian_ ? type_size(entry.type) - 1 : 0);
}

std::uint32_t TiffDirectory::u16(std::uint64_t at) const {
  return big_endian_ ? reader_.big16(at) : reader_.little16(at);
}

std::uint32_t TiffDirectory::u32(std::uint64_t at) const {
  return big_endian_ ? reader_.big32(at) : reader_.little32(at);
}

}  // namespace steelsight
