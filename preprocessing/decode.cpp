#include "preprocessing/decode.hpp"

#include <algorithm>
#include <boost/crc.hpp>
#include <limits>
#include <new>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/atomic_file.hpp"
#include "core/resources.hpp"
#include "preprocessing/bmp.hpp"
#include "preprocessing/codecs.hpp"
#include "preprocessing/jpeg_markers.hpp"
#include "preprocessing/tiff_directory.hpp"

namespace steelsight {
namespace {

// Errors are told by exceptions; OpenCV's own words on stderr would only break a progress bar. Its
// threads are no use for small images, and end the program where they can't be started.
void prepare_opencv() {
  [[maybe_unused]] static const bool once = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::setNumThreads(1);
    return true;
  }();
}

// Every chunk is there and has the checksum that it states (PNG specification, 5.3).
void check_png_chunks(const ByteReader& reader) {
  constexpr std::uint32_t kEnd = 0x49454E44;  // "IEND"
  std::uint32_t name = 0;
  for (std::uint64_t at = 8; name != kEnd;) {
    const std::uint64_t length = reader.big32(at);
    name = reader.big32(at + 4);
    boost::crc_32_type checksum;
    checksum.process_bytes(reader.take(at + 4, length + 8), length + 4);
    if (checksum.checksum() != reader.big32(at + 8 + length))
      reader.fail("PNG is damaged: the checksum of the chunk at byte " + std::to_string(at) +
                  " doesn't match; copy it again");
    at += length + 12;
  }
}

// Where strips or tiles lie outside the file, or hold fewer bytes than uncompressed pixels need,
// libtiff leaves the rest of the image black.
void check_tiff_complete(const ByteReader& reader, const ImageHeader& header) {
  const TiffDirectory tiff(reader);
  const bool tiled = tiff.has(TiffTag::tile_offsets);
  const auto offsets = tiff.values(tiled ? TiffTag::tile_offsets : TiffTag::strip_offsets);
  const auto counts = tiff.values(tiled ? TiffTag::tile_byte_counts : TiffTag::strip_byte_counts);
  if (offsets.empty() || offsets.size() != counts.size())
    reader.fail("TIFF lists " + std::to_string(offsets.size()) + " offsets and " +
                std::to_string(counts.size()) + " sizes of its pixels; it is damaged");
  for (std::size_t i = 0; i < offsets.size(); ++i) reader.take(offsets[i], counts[i]);

  constexpr std::uint32_t kUncompressed = 1, kYcbcr = 6;  // YCbCr may store fewer samples
  if (tiff.value(TiffTag::compression, kUncompressed) != kUncompressed ||
      tiff.value(TiffTag::photometric, 1) == kYcbcr)
    return;
  const std::uint64_t stored = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const std::uint64_t needed =
      static_cast<std::uint64_t>((header.width * header.bits_per_pixel + 7) / 8 * header.height);
  if (stored < needed)
    reader.fail("TIFF is truncated: its pixels have " + std::to_string(stored) +
                " bytes, expected " + std::to_string(needed) + "; copy it again");
}

void check_complete(const ByteReader& reader, const ImageHeader& header) {
  if (header.kind == ImageKind::png) check_png_chunks(reader);
  if (header.kind == ImageKind::tiff) check_tiff_complete(reader, header);
  if (header.kind == ImageKind::jpeg && !has_jpeg_end(reader))
    reader.fail("JPEG is truncated: its end marker is missing; copy it again");
}

// OpenCV gives 16-bit TIFF samples as stored, 8-bit ones with white as 255.
bool white_is_zero(const ByteReader& reader, const ImageHeader& header) {
  return header.kind == ImageKind::tiff && header.bits_per_pixel == 16 && header.channels == 1 &&
         TiffDirectory(reader).value(TiffTag::photometric, 1) == 0;
}

// libtiff multiplies 8-bit colours by an alpha that the file says is not multiplied into them.
// Where it says that it is, libtiff leaves them as they are stored: so a copy says so. Empty for
// others.
std::string with_alpha_left_alone(const ByteReader& reader, std::string_view bytes,
                                  const ImageHeader& header) {
  constexpr std::uint32_t kMultiplied = 1, kNotMultiplied = 2;
  if (header.kind != ImageKind::tiff || header.bits_per_pixel != 8 * header.channels) return {};
  const TiffDirectory tiff(reader);
  if (tiff.value(TiffTag::extra_samples, 0) != kNotMultiplied) return {};
  std::string copy(bytes);
  copy.at(tiff.place_of_low_byte(TiffTag::extra_samples)) = static_cast<char>(kMultiplied);
  return copy;
}

// A codec takes a lack of memory for damage, as it does with everything that goes wrong: so what it
// may have needed is asked for.
void require_memory_of(const ImageHeader& header) {
  constexpr std::size_t kBytesPerPixel = 16, kOwn = std::size_t{16} << 20;
  require_memory(kOwn + kBytesPerPixel * static_cast<std::size_t>(header.width * header.height));
}

cv::Mat decode_by_opencv(std::string_view bytes) {
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1,
                       const_cast<char*>(bytes.data()));  // only read
  const auto decode = codecs().decode;
  try {
    return decode(buffer, cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
    return {};
  }
}

void check_decoded(const cv::Mat& image, const ImageHeader& header, const ByteReader& reader) {
  const char* kind = kind_name(header.kind);
  if (image.empty()) reader.fail(std::string(kind) + " can't be decoded; it is damaged");
  const bool depth = image.depth() == CV_8U || image.depth() == CV_16U;
  const bool channels = image.channels() == 1 || image.channels() == 3;
  // An orientation may have turned it.
  const bool size = image.rows == header.height && image.cols == header.width;
  const bool turned = image.rows == header.width && image.cols == header.height;
  if (!depth || !channels || !(size || turned))
    reader.fail(std::string(kind) +
                " doesn't hold the image that its header describes; it is damaged");
}

void check_file_bytes(std::uint64_t size, const ImageLimits& limits, const std::string& name) {
  const std::size_t most = std::min<std::size_t>(limits.max_file_bytes,
                                                 std::numeric_limits<int>::max());  // cv::Mat's
  if (size > most)
    throw ImageError(name + ": file has " + std::to_string(size) + " bytes, expected at most " +
                     std::to_string(most));
}

}  // namespace

cv::Mat decode_image(std::string_view bytes, const std::string& name, const ImageLimits& limits) {
  prepare_opencv();
  check_file_bytes(bytes.size(), limits, name);
  const ImageHeader header = read_image_header(bytes, name);
  check_limits(header, limits, name);
  if (header.kind == ImageKind::bmp) return decode_bmp(bytes, name);

  const ByteReader reader(bytes, name);
  check_complete(reader, header);
  const std::string changed = with_alpha_left_alone(reader, bytes, header);
  cv::Mat image = decode_by_opencv(changed.empty() ? bytes : changed);
  if (image.empty()) require_memory_of(header);
  check_decoded(image, header, reader);
  if (white_is_zero(reader, header)) image = 65535 - image;
  return image;
}

std::string decoder_versions() {
  constexpr int kOwn = 2;  // to be raised whenever an image comes out otherwise than before
  return "decoder " + std::to_string(kOwn) + "\n" + cv::getBuildInformation();
}

std::string read_image_bytes(const fs::path& file, const ImageLimits& limits) {
  boost::system::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw FileError(file.string() + ": is not a regular file, expected an image");
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) throw FileError(file.string() + ": can't be read: " + error.message());
  check_file_bytes(size, limits, file.string());
  return read_file(file, limits.max_file_bytes);
}

cv::Mat read_image(const fs::path& file, const ImageLimits& limits) {
  return decode_image(read_image_bytes(file, limits), file.string(), limits);
}

}  // namespace steelsight
