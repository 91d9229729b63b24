#pragma once
// Image files written byte by byte, as the references that the decoders are tested against.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

inline std::string big(std::uint64_t value, int bytes) {
  std::string text = little(value, bytes);
  std::reverse(text.begin(), text.end());
  return text;
}

using Bgr = std::array<std::uint8_t, 3>;

inline std::vector<Bgr> gray_ramp(int size) {
  std::vector<Bgr> palette = {};
  for (int i = 0; i < size; ++i) {
    const auto gray = static_cast<std::uint8_t>(255 * i / (size - 1));
    palette.push_back({gray, gray, gray});
  }
  return palette;
}

struct BmpFile {
  std::int32_t width = 1;
  std::int32_t height = 1;
  bool top_down = false;
  int bits = 8;
  std::uint32_t header_bytes = 40;
  std::uint32_t compression = 0;
  std::vector<std::uint32_t> masks = {};  // red, green, blue, alpha
  std::vector<Bgr> palette = {};
  std::uint32_t claimed_colours = 0;
  std::function<std::uint32_t(int x, int y)> pixel = {};  // y from the top
  std::string codes = {};                                 // instead of pixel
};

inline std::string bmp_pixels(const BmpFile& bmp) {
  std::string pixels = {};
  for (int row = 0; row < bmp.height; ++row) {
    const int y = bmp.top_down ? row : bmp.height - 1 - row;
    std::string line;
    int filled = 8;  // bits of the last byte
    for (int x = 0; x < bmp.width; ++x) {
      const std::uint32_t value = bmp.pixel(x, y);
      if (bmp.bits >= 8) {
        line += little(value, bmp.bits / 8);
        continue;
      }
      if (filled == 8) {
        line += '\0';
        filled = 0;
      }
      filled += bmp.bits;
      line.back() = static_cast<char>(line.back() | static_cast<int>(value << (8 - filled)));
    }
    while (line.size() % 4 != 0) line += '\xAA';  // padding is not pixels
    pixels += line;
  }
  return pixels;
}

inline std::string write_bmp(const BmpFile& bmp) {
  const std::string pixels = bmp.codes.empty() ? bmp_pixels(bmp) : bmp.codes;
  std::string header = little(bmp.header_bytes, 4);
  if (bmp.header_bytes == 12) {
    header += little(static_cast<std::uint64_t>(bmp.width), 2);
    header += little(static_cast<std::uint64_t>(bmp.height), 2);
    header += little(1, 2) + little(static_cast<std::uint64_t>(bmp.bits), 2);
  } else {
    const std::int64_t height = bmp.top_down ? -std::int64_t{bmp.height} : bmp.height;
    header += little(static_cast<std::uint64_t>(bmp.width), 4);
    header += little(static_cast<std::uint64_t>(height), 4);
    header += little(1, 2) + little(static_cast<std::uint64_t>(bmp.bits), 2);
    header += little(bmp.compression, 4) + little(pixels.size(), 4) + little(2835, 4) +
              little(2835, 4) + little(bmp.claimed_colours, 4) + little(0, 4);
    for (const std::uint32_t mask : bmp.masks) header += little(mask, 4);
    // A 40-byte header is followed by the masks, longer ones contain them.
    if (bmp.header_bytes != 40 || bmp.masks.empty()) header.resize(bmp.header_bytes, '\0');
  }
  for (const Bgr& colour : bmp.palette) {
    for (const std::uint8_t channel : colour) header += static_cast<char>(channel);
    if (bmp.header_bytes != 12) header += '\0';
  }
  const std::size_t start = 14 + header.size();
  return "BM" + little(start + pixels.size(), 4) + little(0, 4) + little(start, 4) + header +
         pixels;
}

// One uncompressed strip. Tags hold SHORTs; strip offset and size are added.
struct TiffFile {
  bool big_endian = false;
  std::map<std::uint32_t, std::vector<std::uint32_t>> tags = {};
  std::string pixels = {};

  std::string number(std::uint64_t value, int bytes) const {
    return big_endian ? big(value, bytes) : little(value, bytes);
  }
};

inline std::string write_tiff(TiffFile tiff) {
  tiff.tags[273] = {0};
  tiff.tags[279] = {static_cast<std::uint32_t>(tiff.pixels.size())};
  const std::size_t directory_end = 8 + 2 + 12 * tiff.tags.size() + 4;
  std::string lists;
  for (const auto& [tag, values] : tiff.tags)
    if (values.size() > 2)
      for (const std::uint32_t value : values) lists += tiff.number(value, 2);
  tiff.tags[273] = {static_cast<std::uint32_t>(directory_end + lists.size())};

  std::string file = tiff.big_endian ? "MM" : "II";
  file += tiff.number(42, 2) + tiff.number(8, 4) + tiff.number(tiff.tags.size(), 2);
  std::size_t list_at = directory_end;
  for (const auto& [tag, values] : tiff.tags) {
    file += tiff.number(tag, 2) + tiff.number(3, 2) + tiff.number(values.size(), 4);
    std::string inlined;
    for (const std::uint32_t value : values) inlined += tiff.number(value, 2);
    if (values.size() > 2) {
      inlined = tiff.number(list_at, 4);
      list_at += 2 * values.size();
    }
    inlined.resize(4, '\0');
    file += inlined;
  }
  return file + tiff.number(0, 4) + lists + tiff.pixels;
}

inline std::string encode(const std::string& extension, const cv::Mat& image,
                          const std::vector<int>& options = {}) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(extension, image, bytes, options);
  return {bytes.begin(), bytes.end()};
}

// Smooth, so that JPEG keeps it; different in every channel.
inline cv::Mat test_image(int width, int height, int type) {
  cv::Mat image(height, width, type);
  const double white = image.depth() == CV_16U ? 65535 : 255;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < image.channels(); ++c) {
        const double value = white * (0.1 + 0.35 * x / width + 0.3 * y / height + 0.1 * c);
        const int at = x * image.channels() + c;
        if (image.depth() == CV_16U)
          image.ptr<std::uint16_t>(y)[at] = static_cast<std::uint16_t>(value);
        else
          image.ptr<std::uint8_t>(y)[at] = static_cast<std::uint8_t>(value);
      }
  return image;
}

inline bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

}  // namespace steelsight
