#include "preprocessing/bmp.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "preprocessing/bmp_header.hpp"

namespace steelsight {
namespace {

// Rows as they are stored, each padded to whole 32-bit words.
class StoredRows {
 public:
  StoredRows(const ByteReader& reader, const BmpHeader& header) {
    const std::uint64_t used_bits = static_cast<std::uint64_t>(header.width * header.bits);
    stride_ = (used_bits + 31) / 32 * 4;
    // The padding of the last row may be missing: some writers save it.
    const std::uint64_t needed =
        stride_ * static_cast<std::uint64_t>(header.height - 1) + (used_bits + 7) / 8;
    if (header.pixels_at > reader.size() || needed > reader.size() - header.pixels_at)
      reader.fail("BMP is truncated: " + std::to_string(reader.size()) + " bytes, expected " +
                  std::to_string(header.pixels_at + needed) + " for " +
                  std::to_string(header.width) + "x" + std::to_string(header.height) +
                  " pixels of " + std::to_string(header.bits) + " bits; copy it again");
    first_ = reader.take(header.pixels_at, needed);
  }

  const std::uint8_t* operator[](int row) const { return first_ + stride_ * row; }

 private:
  std::uint64_t stride_ = 0;
  const std::uint8_t* first_ = nullptr;
};

// The row of the image that is stored as number `row`.
int image_row(const BmpHeader& header, std::int64_t row) {
  return static_cast<int>(header.top_down ? row : header.height - 1 - row);
}

cv::Mat read_indices(const ByteReader& reader, const BmpHeader& header) {
  const StoredRows rows(reader, header);
  cv::Mat indices(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC1);
  const int per_byte = 8 / header.bits;
  const int mask = (1 << header.bits) - 1;
  for (int y = 0; y < indices.rows; ++y) {
    const std::uint8_t* from = rows[y];
    std::uint8_t* to = indices.ptr(image_row(header, y));
    if (header.bits == 8) {
      std::memcpy(to, from, static_cast<std::size_t>(indices.cols));
      continue;
    }
    for (int x = 0; x < indices.cols; ++x) {
      const int shift = 8 - header.bits * (1 + x % per_byte);  // the leftmost pixel stands highest
      to[x] = static_cast<std::uint8_t>(from[x / per_byte] >> shift & mask);
    }
  }
  return indices;
}

// Run-length codes: a count and a colour (two alternating ones for RLE4), or 0 and an escape:
// 0 end of line, 1 end of image, 2 a jump, 3 and more that many single pixels, padded to 16 bits.
class RleDecoder {
 public:
  RleDecoder(const ByteReader& reader, const BmpHeader& header)
      : reader_(reader), header_(header), at_(header.pixels_at) {}

  cv::Mat decode() {
    indices_ =
        cv::Mat::zeros(static_cast<int>(header_.height), static_cast<int>(header_.width), CV_8UC1);
    while (y_ < header_.height && !complete()) {
      const std::uint32_t count = next();
      const std::uint32_t code = next();
      if (count > 0) {
        put_run(count, code);
      } else if (code == 0) {
        x_ = 0;
        ++y_;
      } else if (code == 1) {
        break;
      } else if (code == 2) {
        x_ += next();
        y_ += next();
      } else {
        put_single(code);
      }
    }
    return indices_;
  }

 private:
  bool four_bits() const { return header_.compression == BmpCompression::rle4; }

  // Some writers leave out the code for the end of the image.
  bool complete() const {
    return at_ >= reader_.size() && y_ == header_.height - 1 && x_ >= header_.width;
  }

  std::uint32_t next() {
    if (at_ >= reader_.size())
      reader_.fail("BMP is truncated: run-length codes end in row " + std::to_string(y_ + 1) +
                   " of " + std::to_string(header_.height) + "; copy it again");
    return reader_.u8(at_++);
  }

  // A run past the right edge is cut: RLE4 writers round odd widths up.
  void put(std::uint32_t index) {
    if (x_ < header_.width)
      indices_.at<std::uint8_t>(image_row(header_, y_), static_cast<int>(x_)) =
          static_cast<std::uint8_t>(index);
    ++x_;
  }

  void put_run(std::uint32_t count, std::uint32_t code) {
    for (std::uint32_t i = 0; i < count; ++i)
      put(four_bits() ? (i % 2 == 0 ? code >> 4 : code & 15) : code);
  }

  void put_single(std::uint32_t count) {
    std::uint32_t code = 0, read = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!four_bits() || i % 2 == 0) {
        code = next();
        ++read;
      }
      put(four_bits() ? (i % 2 == 0 ? code >> 4 : code & 15) : code);
    }
    at_ += read % 2;
  }

  const ByteReader& reader_;
  const BmpHeader& header_;
  std::uint64_t at_;
  std::int64_t x_ = 0, y_ = 0;  // y_ counts stored rows
  cv::Mat indices_;
};

cv::Mat apply_palette(cv::Mat indices, const BmpHeader& header) {
  const bool gray = std::all_of(header.palette.begin(), header.palette.end(),
                                [](const auto& c) { return c[0] == c[1] && c[1] == c[2]; });
  cv::Mat image = gray ? indices : cv::Mat(indices.size(), CV_8UC3);
  for (int y = 0; y < indices.rows; ++y) {
    const std::uint8_t* from = indices.ptr(y);
    std::uint8_t* to = image.ptr(y);
    for (int x = 0; x < indices.cols; ++x) {
      const auto& colour = header.palette[from[x]];
      if (gray)
        to[x] = colour[0];
      else
        std::copy(colour.begin(), colour.end(), to + std::ptrdiff_t{3} * x);
    }
  }
  return image;
}

cv::Mat read_bgr(const ByteReader& reader, const BmpHeader& header) {
  const StoredRows rows(reader, header);
  cv::Mat image(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC3);
  for (int y = 0; y < image.rows; ++y)
    std::memcpy(image.ptr(image_row(header, y)), rows[y], 3 * static_cast<std::size_t>(image.cols));
  return image;
}

// One channel of a packed pixel, stretched to 0..255.
struct PackedChannel {
  explicit PackedChannel(std::uint32_t channel_mask)
      : mask(channel_mask),
        shift(mask == 0 ? 0 : std::countr_zero(mask)),
        largest(std::max(1u, mask >> shift)) {}

  std::uint8_t operator()(std::uint32_t pixel) const {
    const std::uint64_t value = (pixel & mask) >> shift;
    if (largest == 255) return static_cast<std::uint8_t>(value);
    return static_cast<std::uint8_t>((value * 255 + largest / 2) / largest);
  }

  std::uint32_t mask;
  int shift;
  std::uint32_t largest;
};

cv::Mat read_packed(const ByteReader& reader, const BmpHeader& header) {
  const StoredRows rows(reader, header);
  cv::Mat image(static_cast<int>(header.height), static_cast<int>(header.width), CV_8UC3);
  const PackedChannel blue(header.masks[0]), green(header.masks[1]), red(header.masks[2]);
  for (int y = 0; y < image.rows; ++y) {
    const std::uint8_t* from = rows[y];
    std::uint8_t* to = image.ptr(image_row(header, y));
    for (int x = 0; x < image.cols; ++x, from += header.bits / 8, to += 3) {
      std::uint32_t pixel = from[0] | std::uint32_t{from[1]} << 8;
      if (header.bits == 32) pixel |= std::uint32_t{from[2]} << 16 | std::uint32_t{from[3]} << 24;
      to[0] = blue(pixel);
      to[1] = green(pixel);
      to[2] = red(pixel);
    }
  }
  return image;
}

}  // namespace

cv::Mat decode_bmp(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  const BmpHeader header = read_bmp_header(reader);
  if (header.compression != BmpCompression::none)
    return apply_palette(RleDecoder(reader, header).decode(), header);
  if (header.bits <= 8) return apply_palette(read_indices(reader, header), header);
  if (header.bits == 24) return read_bgr(reader, header);
  return read_packed(reader, header);
}

}  // namespace steelsight
