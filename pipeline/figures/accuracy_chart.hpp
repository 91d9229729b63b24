#pragma once
// The accuracy on each part over one varied setting, for the report of a search.
#include <optional>
#include <string>
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

struct AccuracyPoint {
  double x = 0;
  double mean = 0;                       // accuracy in [0, 1]
  std::optional<double> deviation = {};  // drawn as a whisker of so much above and below
};

struct AccuracySeries {
  std::string name;                   // "validation"
  std::vector<AccuracyPoint> points;  // by x
};

struct AccuracyChart {
  std::string title, subtitle;
  std::string x_name;
  struct Tick {
    double x = 0;
    std::string label;
  };
  std::vector<Tick> ticks;             // at least one, rising
  std::vector<AccuracySeries> series;  // up to three
  bool is_connected = true;            // by lines, as the values of a list are; false: dots alone
  std::optional<double> chosen;        // this x is marked
};

// A dot for each point. The figure is .png (216 dots an inch), .svg or .pdf.
// Throws std::invalid_argument for another extension, no ticks, more than three series;
// FigureError, FileError.
void draw_accuracy_chart(const fs::path& file, const AccuracyChart& chart);

}  // namespace steelsight
