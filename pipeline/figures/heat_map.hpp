#pragma once
// An accuracy over two varied settings as a map of cells, for the report of a search.
#include <optional>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct HeatMapCell {
  double mean = 0;                       // accuracy in [0, 1]
  std::optional<double> deviation = {};  // shown below the mean
};

struct HeatMap {
  std::string title;     // "Validation accuracy"
  std::string subtitle;  // what a cell is
  std::string x_name, y_name;
  // From left to right and from below: one for each column and row, or one more, which are then the
  // numbers at their edges.
  std::vector<std::string> x_labels, y_labels;
  std::vector<std::vector<std::optional<HeatMapCell>>> cells;  // [y][x]; nothing: stays empty
  struct Position {
    std::size_t x = 0, y = 0;
  };
  std::optional<Position> chosen;  // is framed
  double low = 0, high = 1;  // the lightest and the darkest shade; maps to be compared share it
};

// Percentages are written into the cells; in a map of so many columns or rows that cells become too
// small, none are. The figure is .png (216 dots an inch), .svg or .pdf. Throws
// std::invalid_argument for another extension, cells that don't fit the labels, no labels, a chosen
// cell outside, low >= high; FigureError, FileError.
void draw_heat_map(const fs::path& file, const HeatMap& map);

}  // namespace steelsight
