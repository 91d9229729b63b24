#pragma once
// A rectangle with two axes, and where data are in it.
#include <string>
#include <vector>

#include "pipeline/figures/drawing.hpp"

namespace steelsight {

struct PlotAxis {
  std::vector<double> ticks = {0, 0.5, 1};  // rising, at least two; the axis ends at the outer ones
  bool is_share = true;                     // a share of 1, shown in percent
  std::string name = {};                    // written beside the axis, or not
};

struct Plot {
  Box box;  // on paper, in points
  PlotAxis x, y;

  // y upwards in data, downwards on paper. What lies outside of the axes is at their ends.
  Point at(double x_value, double y_value) const;
  // The same for a line, without the points that lie within a hair of the one before.
  std::vector<Point> line(const std::vector<Point>& points) const;
  // Grid, ticks and names. The box is not filled.
  void draw_axes(Canvas& canvas) const;
};

// An axis of round ticks from 0 to `high` or a little more.
PlotAxis axis_up_to(double high, bool is_share);

}  // namespace steelsight
