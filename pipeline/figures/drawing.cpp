#include "pipeline/figures/drawing.hpp"

#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <numbers>
#include <regex>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "datasets/utf8.hpp"

namespace steelsight {
namespace {

constexpr double kMargin = 8;            // around the figure, points
constexpr double kPixelsPerPoint = 3;    // in a PNG
constexpr double kCapitalHeight = 0.73;  // share of the font's size, DejaVu Sans
constexpr const char* kAscii = "Az09";
constexpr const char* kEllipsis = "\u2026";

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

void check(cairo_status_t status, const fs::path& file) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw FigureError(file.string() +
                      ": the figure can't be made: " + cairo_status_to_string(status));
}

// What Cairo writes is appended to a std::string. Cairo is C: no exception may pass.
cairo_status_t append(void* text, const unsigned char* bytes, unsigned size) {
  try {
    static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), size);
    return CAIRO_STATUS_SUCCESS;
  } catch (const std::bad_alloc&) {
    return CAIRO_STATUS_NO_MEMORY;
  }
}

// Draws on `surface` so that the upper left corner of `extent` is at its own.
void draw_on(cairo_surface_t* surface, const Box& extent, const Drawing& draw) {
  const Context cairo(cairo_create(surface), cairo_destroy);
  Canvas canvas(cairo.get());
  canvas.fill({0, 0, extent.width, extent.height}, kPaper);
  cairo_translate(cairo.get(), -extent.x, -extent.y);
  draw(canvas);
}

// What is drawn, and the margin, on whole points.
Box extent_of(const Drawing& draw, const fs::path& file) {
  const Surface surface(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, nullptr),
                        cairo_surface_destroy);
  const Context cairo(cairo_create(surface.get()), cairo_destroy);
  Canvas canvas(cairo.get());
  draw(canvas);
  check(cairo_status(cairo.get()), file);
  Box ink;
  cairo_recording_surface_ink_extents(surface.get(), &ink.x, &ink.y, &ink.width, &ink.height);
  const double left = std::floor(ink.x - kMargin);
  const double top = std::floor(ink.y - kMargin);
  return {left, top, std::ceil(ink.x + ink.width + kMargin) - left,
          std::ceil(ink.y + ink.height + kMargin) - top};
}

Surface make_surface(const std::string& extension, const Box& extent, std::string& bytes) {
  cairo_surface_t* surface = nullptr;
  if (extension == ".png") {
    surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                         static_cast<int>(extent.width * kPixelsPerPoint),
                                         static_cast<int>(extent.height * kPixelsPerPoint));
    cairo_surface_set_device_scale(surface, kPixelsPerPoint, kPixelsPerPoint);
  } else if (extension == ".svg") {
    surface = cairo_svg_surface_create_for_stream(append, &bytes, extent.width, extent.height);
  } else {
    surface = cairo_pdf_surface_create_for_stream(append, &bytes, extent.width, extent.height);
    // The same figure has the same bytes at any time.
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "1970-01-01T00:00:00Z");
  }
  return Surface(surface, cairo_surface_destroy);
}

std::string printable(const std::string& text) {
  std::string result = to_utf8(text);
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return result;
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The sans-serif font that has the characters of `text` (UTF-8), as far as one is installed: Cairo
// by itself shows boxes for what its default font lacks, as Chinese.
std::shared_ptr<cairo_font_face_t> find_font(const std::string& text, bool bold) {
  const std::unique_ptr<FcPattern, decltype(&FcPatternDestroy)> pattern(FcPatternCreate(),
                                                                        FcPatternDestroy);
  const std::unique_ptr<FcCharSet, decltype(&FcCharSetDestroy)> characters(FcCharSetCreate(),
                                                                           FcCharSetDestroy);
  const auto* at = reinterpret_cast<const FcChar8*>(text.data());
  int left = static_cast<int>(text.size());
  FcChar32 character = 0;
  for (int length; (length = FcUtf8ToUcs4(at, &character, left)) > 0; at += length, left -= length)
    FcCharSetAddChar(characters.get(), character);
  FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>("sans-serif"));
  FcPatternAddInteger(pattern.get(), FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
  FcPatternAddCharSet(pattern.get(), FC_CHARSET, characters.get());
  return {cairo_ft_font_face_create_for_pattern(pattern.get()), cairo_font_face_destroy};
}

double relative_luminance(const Color& color) {
  const auto linear = [](double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

void set_color(cairo_t* cairo, const Color& color) {
  cairo_set_source_rgb(cairo, color.red, color.green, color.blue);
}

}  // namespace

void Canvas::fill(const Box& box, const Color& color) {
  set_color(cairo_, color);
  cairo_rectangle(cairo_, box.x, box.y, box.width, box.height);
  cairo_fill(cairo_);
}

void Canvas::line(const std::vector<Point>& points, const Color& color, double width) {
  set_color(cairo_, color);
  cairo_set_line_width(cairo_, width);
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
  for (const Point& point : points) cairo_line_to(cairo_, point.x, point.y);
  cairo_stroke(cairo_);
}

void Canvas::dashed_line(const std::vector<Point>& points, const Color& color, double width) {
  const double dashes[] = {3, 3};
  cairo_set_dash(cairo_, dashes, 2, 0);
  line(points, color, width);
  cairo_set_dash(cairo_, nullptr, 0, 0);
}

void Canvas::dot(const Point& centre, double radius, const Color& color) {
  set_color(cairo_, color);
  cairo_arc(cairo_, centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  cairo_fill(cairo_);
}

void Canvas::picture(const Box& box, const Picture& picture) {
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture.width, picture.height),
      cairo_surface_destroy);
  unsigned char* bytes = cairo_image_surface_get_data(surface.get());
  if (bytes == nullptr) return;  // no memory, or no pixels
  const auto width = static_cast<std::size_t>(picture.width);
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < picture.height; ++y)
    std::memcpy(bytes + y * stride, picture.pixels.data() + static_cast<std::size_t>(y) * width,
                width * sizeof(std::uint32_t));
  cairo_surface_mark_dirty(surface.get());
  const double scale = std::min(box.width / picture.width, box.height / picture.height);
  cairo_save(cairo_);
  cairo_translate(cairo_, box.x + (box.width - scale * picture.width) / 2,
                  box.y + (box.height - scale * picture.height) / 2);
  cairo_scale(cairo_, scale, scale);
  cairo_set_source_surface(cairo_, surface.get(), 0, 0);
  cairo_rectangle(cairo_, 0, 0, picture.width, picture.height);
  cairo_fill(cairo_);
  cairo_restore(cairo_);
}

void Canvas::use_font(const TextStyle& style, const std::string& text) const {
  const bool is_ascii =
      std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  std::shared_ptr<cairo_font_face_t> font;
  if (is_ascii) {
    std::shared_ptr<cairo_font_face_t>& kept = ascii_fonts_[style.bold ? 1 : 0];
    if (!kept) kept = find_font(kAscii, style.bold);
    font = kept;
  } else {
    font = find_font(text, style.bold);
  }
  cairo_set_font_face(cairo_, font.get());
  cairo_set_font_size(cairo_, style.size);
  // Without hinting, widths are the same at every scale and on every surface.
  const std::unique_ptr<cairo_font_options_t, decltype(&cairo_font_options_destroy)> options(
      cairo_font_options_create(), cairo_font_options_destroy);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cairo_, options.get());
}

double Canvas::text_width(const std::string& text, const TextStyle& style) const {
  const std::string shown = printable(text);
  use_font(style, shown);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_, shown.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::text(const Point& point, const std::string& text, const TextStyle& style) {
  const std::string shown = printable(text);
  const double width = text_width(shown, style);
  const double shift = style.align == Align::left     ? 0
                       : style.align == Align::center ? width / 2
                                                      : width;
  cairo_save(cairo_);
  use_font(style, shown);
  set_color(cairo_, style.color);
  cairo_translate(cairo_, point.x, point.y);
  if (style.upwards) cairo_rotate(cairo_, -std::numbers::pi / 2);
  cairo_move_to(cairo_, -shift, style.size * kCapitalHeight / 2);
  cairo_show_text(cairo_, shown.c_str());
  cairo_restore(cairo_);
  cairo_new_path(cairo_);
}

std::string Canvas::shortened(const std::string& text, const TextStyle& style, double width) const {
  std::string whole = printable(text);
  if (text_width(whole, style) <= width) return whole;
  // Starts of characters, and the end: characters are taken from the middle.
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i <= whole.size(); ++i)
    if (i == whole.size() || !continues_character(whole[i])) starts.push_back(i);
  const std::size_t characters = starts.size() - 1;
  const auto keeping = [&](std::size_t kept) {
    return whole.substr(0, starts[(kept + 1) / 2]) + kEllipsis +
           whole.substr(starts[characters - kept / 2]);
  };
  std::size_t fits = 0, too_wide = characters;
  while (too_wide - fits > 1) {
    const std::size_t kept = (fits + too_wide) / 2;
    (text_width(keeping(kept), style) <= width ? fits : too_wide) = kept;
  }
  return keeping(fits);
}

void save_figure(const fs::path& file, const Drawing& draw) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (extension != ".png" && extension != ".svg" && extension != ".pdf")
    throw std::invalid_argument(file.string() + ": extension is '" + extension +
                                "', expected .png, .svg or .pdf");
  const Box extent = extent_of(draw, file);
  std::string bytes;
  const Surface surface = make_surface(extension, extent, bytes);
  draw_on(surface.get(), extent, draw);
  cairo_status_t status = cairo_surface_status(surface.get());
  if (status == CAIRO_STATUS_SUCCESS && extension == ".png")
    status = cairo_surface_write_to_png_stream(surface.get(), append, &bytes);
  cairo_surface_finish(surface.get());
  check(status, file);
  check(cairo_surface_status(surface.get()), file);
  // Cairo numbers the surfaces of a process and writes the number into an SVG, for nothing.
  if (extension == ".svg")
    bytes = std::regex_replace(bytes, std::regex(" id=\"surface[0-9]+\""), "");
  write_file(file, bytes);
}

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!std::isfinite(low) || !std::isfinite(high - low) || low > high)
    throw std::invalid_argument("nice_ticks: range is " + std::to_string(low) + " to " +
                                std::to_string(high) + ", expected finite rising numbers");
  const double magnitude = std::max(std::abs(low), std::abs(high));
  if (high - low <= std::max(1e-9 * magnitude, 1e-300)) high = low + std::max(magnitude, 1.0);
  const double rough = (high - low) / std::max(count - 1, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough * (1 - 1e-9)) step = factor * power;
  // Counted in steps, so that rounding errors don't add up.
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  std::vector<double> ticks;
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return ticks;
}

Color readable_ink(const Color& background) {
  const double light = relative_luminance(background);
  const double on_white = 1.05 / (light + 0.05);
  const double on_ink = (light + 0.05) / (relative_luminance(kInk) + 0.05);
  return on_white > on_ink ? kPaper : kInk;
}

}  // namespace steelsight
