#pragma once
// What the figures are drawn with: shapes and text on Cairo, in points (1/72 inch), y downwards.
// A figure has no size of its own: it is drawn anywhere, and the page is what was drawn plus a
// margin, so that no label can be cut off.
//
//   save_figure("curve.svg", [](Canvas& canvas) { canvas.text({0, 0}, "loss", {.bold = true}); });
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/filesystem.hpp"

using cairo_t = struct _cairo;
using cairo_font_face_t = struct _cairo_font_face;

namespace steelsight {

// A figure that can't be made, as a PNG of more than 32767 pixels a side.
struct FigureError : Error {
  using Error::Error;
};

struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

// A photograph: 0x00RRGGBB, the rows from above.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;
};

// sRGB, each in [0, 1].
struct Color {
  double red = 0, green = 0, blue = 0;
};

constexpr Color kInk{0.13, 0.15, 0.18};
constexpr Color kQuietInk{0.42, 0.45, 0.50};
constexpr Color kFaint{0.88, 0.89, 0.91};
constexpr Color kPaper{1, 1, 1};

enum class Align { left, center, right };

struct TextStyle {
  double size = 9;
  Color color = kInk;
  Align align = Align::left;  // which part of the text is at the point
  bool bold = false;
  bool upwards = false;  // turned by 90 degrees, read from below
};

class Canvas {
 public:
  explicit Canvas(cairo_t* cairo) : cairo_(cairo) {}

  void fill(const Box& box, const Color& color);
  void line(const std::vector<Point>& points, const Color& color, double width = 1);
  void dashed_line(const std::vector<Point>& points, const Color& color, double width = 1);
  void dot(const Point& centre, double radius, const Color& color);

  // The whole picture, as large as fits into the middle of the box.
  void picture(const Box& box, const Picture& picture);

  // The point is at the middle of the height of a capital letter. Bytes that are not UTF-8 are
  // shown as \xNN, line breaks and other control characters as spaces.
  void text(const Point& point, const std::string& text, const TextStyle& style);
  double text_width(const std::string& text, const TextStyle& style) const;
  // The text, with an ellipsis in its middle if it is wider than `width`.
  std::string shortened(const std::string& text, const TextStyle& style, double width) const;

 private:
  void use_font(const TextStyle& style, const std::string& text) const;

  cairo_t* cairo_;
  // For ASCII text, regular and bold: looking for one takes time, and files repeat the glyphs of
  // each.
  mutable std::array<std::shared_ptr<cairo_font_face_t>, 2> ascii_fonts_;
};

using Drawing = std::function<void(Canvas&)>;

// Writes the figure as the file's extension says: .png (216 dots an inch), .svg or .pdf. Called
// with the same result twice, `draw` must not have a state. Throws std::invalid_argument for
// another extension, FigureError if the figure can't be made (too large for a PNG), FileError.
void save_figure(const fs::path& file, const Drawing& draw);

// About `count` round numbers (1, 2 or 5 times a power of ten apart) that enclose [low, high], at
// least two. Throws std::invalid_argument if low or high is not finite, or low > high.
std::vector<double> nice_ticks(double low, double high, int count);

// Black or white ink, whichever has the higher contrast (WCAG 2) on `background`.
Color readable_ink(const Color& background);

}  // namespace steelsight
