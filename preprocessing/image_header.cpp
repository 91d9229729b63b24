#include "preprocessing/image_header.hpp"

#include <algorithm>
#include <array>

#include "preprocessing/bmp_header.hpp"
#include "preprocessing/jpeg_markers.hpp"
#include "preprocessing/tiff_directory.hpp"

namespace steelsight {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

std::string quoted_start(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 8)) text += c >= ' ' && c <= '~' ? c : '.';
  return "'" + text + "'";
}

ImageKind kind_of(std::string_view bytes, const std::string& name) {
  if (bytes.empty()) throw ImageError(name + ": file is empty, expected an image; copy it again");
  if (bytes.starts_with("BM")) return ImageKind::bmp;
  if (bytes.starts_with(kPngSignature)) return ImageKind::png;
  if (bytes.starts_with("\xFF\xD8\xFF")) return ImageKind::jpeg;
  if (bytes.starts_with("II") || bytes.starts_with("MM")) return ImageKind::tiff;
  throw ImageError(name + ": is not a BMP, PNG, TIFF or JPEG image, it starts with " +
                   quoted_start(bytes));
}

ImageHeader bmp_header(const ByteReader& reader) {
  const BmpHeader bmp = read_bmp_header(reader);
  const int channels = bmp.bits <= 8 ? 1 : bmp.bits == 32 ? 4 : 3;
  return {ImageKind::bmp, bmp.width, bmp.height, channels, bmp.bits};
}

// The chunk IHDR: PNG specification, 11.2.1.
ImageHeader png_header(const ByteReader& reader) {
  if (reader.big32(8) != 13 || reader.big32(12) != 0x49484452)
    reader.fail("PNG doesn't start with its header chunk; it is damaged");
  constexpr std::array kChannels{1, 0, 3, 1, 2, 0, 4};  // by colour type
  const std::uint32_t depth = reader.u8(24), colour = reader.u8(25);
  if (colour >= kChannels.size() || kChannels[colour] == 0 || depth < 1 || depth > 16)
    reader.fail("PNG colour type " + std::to_string(colour) + " with " + std::to_string(depth) +
                " bits is not known; it is damaged");
  const int channels = kChannels[colour];
  return {ImageKind::png, reader.big32(16), reader.big32(20), channels,
          channels * static_cast<int>(depth)};
}

ImageHeader jpeg_header(const ByteReader& reader) {
  const std::uint64_t frame = find_jpeg_frame(reader);
  const std::uint32_t bits = reader.u8(frame), channels = reader.u8(frame + 5);
  if (bits != 8) reader.fail("JPEG has " + std::to_string(bits) + " bits a sample, expected 8");
  if (channels != 1 && channels != 3)
    reader.fail("JPEG has " + std::to_string(channels) +
                " channels, expected 1 or 3; save a CMYK image as RGB or gray");
  return {ImageKind::jpeg, reader.big16(frame + 3), reader.big16(frame + 1),
          static_cast<int>(channels), static_cast<int>(bits * channels)};
}

// Refuses what OpenCV's TIFF decoder, being made for photographs, would read wrongly.
void check_tiff_samples(const TiffDirectory& tiff, const ByteReader& reader) {
  const auto same = [&](TiffTag tag, std::uint32_t absent) {
    const std::vector<std::uint32_t> values = tiff.values(tag);
    for (const std::uint32_t value : values)
      if (value != values.front()) reader.fail("TIFF mixes samples of different kinds");
    return values.empty() ? absent : values.front();
  };
  const std::uint32_t bits = same(TiffTag::bits_per_sample, 1);
  const std::uint32_t format = same(TiffTag::sample_format, 1);
  const std::uint32_t channels = tiff.value(TiffTag::samples_per_pixel, 1);
  const std::uint32_t photometric = tiff.value(TiffTag::photometric, 1);
  const bool planar = channels > 1 && tiff.value(TiffTag::planar_configuration, 1) == 2;
  if (format != 1)
    reader.fail(
        "TIFF has signed or floating-point samples, expected whole numbers from 0 to 255 or "
        "65535; convert it to 8 or 16 bits");
  if (bits != 1 && bits != 8 && bits != 16)
    reader.fail("TIFF has " + std::to_string(bits) + " bits a sample, expected 1, 8 or 16");
  if (photometric == 5) reader.fail("TIFF is CMYK, expected gray or RGB; save it as RGB or gray");
  if (photometric > 3 && photometric != 6)
    reader.fail("TIFF colour space " + std::to_string(photometric) +
                " is not known, expected "
                "gray, RGB, palette or YCbCr");
  if (channels < 1 || channels > 4 || (bits == 1 && channels != 1))
    reader.fail("TIFF has " + std::to_string(channels) + " channels of " + std::to_string(bits) +
                " bits, expected 1, 3 or 4");
  if (bits == 16 && (photometric > 2 || channels == 2 || planar))
    reader.fail(
        "TIFF has 16-bit samples with a palette, YCbCr, gray and alpha, or separate planes;"
        " save it as plain gray or RGB");
}

ImageHeader tiff_header(const ByteReader& reader) {
  const TiffDirectory tiff(reader);
  check_tiff_samples(tiff, reader);
  const int channels = static_cast<int>(tiff.value(TiffTag::samples_per_pixel, 1));
  const int bits = static_cast<int>(tiff.value(TiffTag::bits_per_sample, 1));
  return {ImageKind::tiff, tiff.value(TiffTag::width, 0), tiff.value(TiffTag::height, 0), channels,
          channels * bits};
}

ImageHeader read_header(ImageKind kind, const ByteReader& reader) {
  switch (kind) {
    case ImageKind::bmp:
      return bmp_header(reader);
    case ImageKind::png:
      return png_header(reader);
    case ImageKind::tiff:
      return tiff_header(reader);
    case ImageKind::jpeg:
      break;
  }
  return jpeg_header(reader);
}

std::string size_text(const ImageHeader& header) {
  return std::to_string(header.width) + "x" + std::to_string(header.height);
}

}  // namespace

const char* kind_name(ImageKind kind) {
  constexpr std::array kNames{"BMP", "PNG", "TIFF", "JPEG"};
  return kNames.at(static_cast<std::size_t>(kind));
}

ImageHeader read_image_header(std::string_view bytes, const std::string& name) {
  const ImageHeader header = read_header(kind_of(bytes, name), ByteReader(bytes, name));
  if (header.width < 1 || header.height < 1)
    throw ImageError(name + ": " + kind_name(header.kind) + " header claims " + size_text(header) +
                     " pixels, expected at least 1x1");
  return header;
}

void check_limits(const ImageHeader& header, const ImageLimits& limits, const std::string& name) {
  const std::int64_t longer = std::max(header.width, header.height);
  if (longer > limits.max_side)
    throw ImageError(name + ": " + kind_name(header.kind) + " header claims " + size_text(header) +
                     " pixels, expected sides of at most " + std::to_string(limits.max_side) +
                     "; tile the image or raise the limit");
  if (std::min(header.width, header.height) > limits.max_pixels / longer)
    throw ImageError(name + ": " + kind_name(header.kind) + " header claims " + size_text(header) +
                     " pixels, expected at most " + std::to_string(limits.max_pixels) +
                     "; tile the image or raise the limit");
}

}  // namespace steelsight
