#pragma once
// Looks into the figures that were written.
#include <cairo.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

// Pixels of a PNG as 0x00RRGGBB.
struct PngImage {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;

  std::uint32_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

inline PngImage read_png(const fs::path& file) {
  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
      cairo_image_surface_create_from_png(file.c_str()), cairo_surface_destroy);
  EXPECT_EQ(cairo_surface_status(surface.get()), CAIRO_STATUS_SUCCESS);
  PngImage image{cairo_image_surface_get_width(surface.get()),
                 cairo_image_surface_get_height(surface.get()),
                 {}};
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y) {
    const auto* line = reinterpret_cast<const std::uint32_t*>(data + y * stride);
    for (int x = 0; x < image.width; ++x) image.pixels.push_back(line[x] & 0xFFFFFF);
  }
  return image;
}

// Nothing is drawn in the outermost `border` pixels: no label was cut off.
inline bool has_clean_border(const PngImage& image, int border) {
  const auto is_clean = [&](int left, int top, int right, int bottom) {
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        if (image.at(x, y) != 0xFFFFFF) return false;
    return true;
  };
  const int width = image.width, height = image.height;
  return is_clean(0, 0, width, border) && is_clean(0, height - border, width, height) &&
         is_clean(0, 0, border, height) && is_clean(width - border, 0, width, height);
}

// Every element that is opened is closed in turn, and there is no stray angle bracket. Not a
// parser: Cairo writes neither comments nor text.
inline bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  bool has_elements = false;
  for (std::size_t at = 0; at < xml.size();) {
    const std::size_t start = xml.find_first_of("<>", at);
    if (start == std::string::npos) break;
    const std::size_t end = xml.find_first_of("<>", start + 1);
    if (xml[start] == '>' || end == std::string::npos || xml[end] == '<') return false;
    const std::string tag = xml.substr(start + 1, end - start - 1);
    at = end + 1;
    if (tag.starts_with("?")) continue;
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    const std::string name = tag.substr(0, tag.find_first_of(" /\n", 1));
    has_elements = true;
    if (!tag.starts_with("/")) {
      if (!tag.ends_with("/")) open.push_back("/" + name);
    } else {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    }
  }
  return has_elements && open.empty();
}

}  // namespace steelsight
