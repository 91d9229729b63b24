#include "preprocessing/bmp_header.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace steelsight {
namespace {

constexpr std::uint64_t kFileHeader = 14;
constexpr std::uint32_t kOs2V1 = 12, kOs2V2 = 64, kWindows = 40;
constexpr std::uint32_t kBitfields = 3, kAlphaBitfields = 6;

// The fields of all header versions but OS/2 1.x stand at the same places; a shorter header leaves
// the last ones out.
struct Fields {
  const ByteReader& reader;
  std::uint32_t size;

  std::uint32_t u16(std::uint64_t at) const {
    return at + 2 <= size ? reader.little16(kFileHeader + at) : 0;
  }
  std::uint32_t u32(std::uint64_t at) const {
    return at + 4 <= size ? reader.little32(kFileHeader + at) : 0;
  }
};

void check_size_and_bits(const BmpHeader& header, const ByteReader& reader) {
  if (header.width < 1 || header.height < 1)
    reader.fail("BMP header claims " + std::to_string(header.width) + "x" +
                std::to_string(header.height) + " pixels, expected at least 1x1");
  constexpr std::array kBits{1, 4, 8, 16, 24, 32};
  if (std::find(kBits.begin(), kBits.end(), header.bits) == kBits.end())
    reader.fail("BMP header claims " + std::to_string(header.bits) +
                " bits a pixel, expected 1, 4, 8, 16, 24 or 32");
}

void check_mask(std::uint32_t mask, int bits, const ByteReader& reader) {
  const std::uint32_t run = mask >> (mask == 0 ? 0 : std::countr_zero(mask));
  if ((run & (run + 1)) != 0 || (bits == 16 && mask > 0xFFFF))
    reader.fail("BMP colour mask " + std::to_string(mask) + " is not one run of bits of a " +
                std::to_string(bits) + "-bit pixel");
}

// Sets compression and masks; returns the bytes of masks that follow a 40-byte header.
std::uint64_t read_compression(const Fields& fields, BmpHeader& header) {
  const ByteReader& reader = fields.reader;
  const std::uint32_t code = fields.size == kOs2V1 ? 0 : fields.u32(16);
  const bool packed = header.bits == 16 || header.bits == 32;
  if (code == 1 && header.bits == 8) {
    header.compression = BmpCompression::rle8;
  } else if (code == 2 && header.bits == 4) {
    header.compression = BmpCompression::rle4;
  } else if ((code == kBitfields || code == kAlphaBitfields) && packed && fields.size != kOs2V2) {
    const std::uint64_t at = kFileHeader + kWindows;  // in a longer header or behind a short one
    header.masks = {reader.little32(at + 8), reader.little32(at + 4), reader.little32(at)};
    for (const std::uint32_t mask : header.masks) check_mask(mask, header.bits, reader);
    if (fields.size == kWindows) return code == kAlphaBitfields ? 16 : 12;
  } else if (code != 0) {
    reader.fail("BMP compression is " + std::to_string(code) + " with " +
                std::to_string(header.bits) +
                " bits a pixel, expected none, RLE8, RLE4 or bit fields; save it uncompressed");
  } else if (header.bits == 16) {
    header.masks = {0x1F, 0x3E0, 0x7C00};
  } else if (header.bits == 32) {
    header.masks = {0xFF, 0xFF00, 0xFF0000};
  }
  return 0;
}

void read_palette(const Fields& fields, std::uint64_t at, BmpHeader& header) {
  const std::size_t size = std::size_t{1} << header.bits;
  const std::uint64_t entry = fields.size == kOs2V1 ? 3 : 4;
  const std::uint32_t claimed = fields.size == kOs2V1 ? 0 : fields.u32(32);
  const std::uint64_t room = (header.pixels_at - at) / entry;
  const std::size_t stored = std::min<std::uint64_t>({size, claimed == 0 ? size : claimed, room});
  header.palette.resize(size);
  for (std::size_t i = 0; i < stored; ++i) {
    const std::uint8_t* colour = fields.reader.take(at + entry * i, 3);
    header.palette[i] = {colour[0], colour[1], colour[2]};
  }
  if (stored > 0) return;
  for (std::size_t i = 0; i < size; ++i)
    header.palette[i].fill(static_cast<std::uint8_t>(255 * i / (size - 1)));
}

}  // namespace

BmpHeader read_bmp_header(const ByteReader& reader) {
  const Fields fields{reader, reader.little32(kFileHeader)};
  constexpr std::array<std::uint32_t, 8> kSizes{kOs2V1, 16, kWindows, 52, 56, kOs2V2, 108, 124};
  if (std::find(kSizes.begin(), kSizes.end(), fields.size) == kSizes.end())
    reader.fail("BMP header has " + std::to_string(fields.size) +
                " bytes, expected 12, 16, 40, 52, 56, 64, 108 or 124; it is damaged");
  reader.take(kFileHeader, fields.size);

  BmpHeader header;
  if (fields.size == kOs2V1) {
    header.width = fields.u16(4);
    header.height = fields.u16(6);
    header.bits = static_cast<int>(fields.u16(10));
  } else {
    header.width = static_cast<std::int32_t>(fields.u32(4));
    header.height = static_cast<std::int32_t>(fields.u32(8));
    header.bits = static_cast<int>(fields.u16(14));
  }
  header.top_down = header.height < 0;
  if (header.top_down) header.height = -header.height;
  check_size_and_bits(header, reader);

  const std::uint64_t end = kFileHeader + fields.size + read_compression(fields, header);
  header.pixels_at = reader.little32(10);
  if (header.pixels_at < end)
    reader.fail("BMP pixels start at byte " + std::to_string(header.pixels_at) +
                ", inside the header of " + std::to_string(end) + " bytes; it is damaged");
  if (header.bits <= 8) read_palette(fields, end, header);
  return header;
}

}  // namespace steelsight
