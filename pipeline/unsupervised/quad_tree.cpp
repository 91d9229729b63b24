#include "pipeline/unsupervised/quad_tree.hpp"

#include <algorithm>

namespace steelsight {
namespace {

constexpr int kMostLevels = 48;  // below, points are in the same place

double squared_distance(const MapPoint& a, const MapPoint& b) {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

}  // namespace

QuadTree::QuadTree(std::span<const MapPoint> points) {
  if (points.empty()) return;
  const auto [left, right] = std::ranges::minmax(points, {}, &MapPoint::x);
  const auto [low, high] = std::ranges::minmax(points, {}, &MapPoint::y);
  cells_.reserve(2 * points.size());
  Cell& root = cells_.emplace_back();
  root.centre = {(left.x + right.x) / 2, (low.y + high.y) / 2};
  root.side = std::max({right.x - left.x, high.y - low.y, 1e-300}) * (1 + 1e-9);
  for (const MapPoint& point : points) insert(point);
}

int QuadTree::child_for(int cell, const MapPoint& point) {
  const auto index = static_cast<std::size_t>(cell);
  const bool is_right = point.x > cells_[index].centre.x;
  const bool is_high = point.y > cells_[index].centre.y;
  const std::size_t quadrant = (is_right ? 1u : 0u) + (is_high ? 2u : 0u);
  if (cells_[index].children[quadrant] < 0) {
    Cell child;
    const double quarter = cells_[index].side / 4;
    child.centre = {cells_[index].centre.x + (is_right ? quarter : -quarter),
                    cells_[index].centre.y + (is_high ? quarter : -quarter)};
    child.side = 2 * quarter;
    cells_[index].children[quadrant] = static_cast<int>(cells_.size());
    cells_.push_back(child);
  }
  return cells_[index].children[quadrant];
}

void QuadTree::insert(const MapPoint& point) {
  int at = 0;
  for (int level = 0;; ++level) {
    Cell& cell = cells_[static_cast<std::size_t>(at)];
    const auto before = static_cast<double>(cell.count);
    const MapPoint resident = cell.mass_centre;  // the point of a leaf
    cell.mass_centre = {(before * resident.x + point.x) / (before + 1),
                        (before * resident.y + point.y) / (before + 1)};
    ++cell.count;
    if (cell.count == 1) return;
    if (cell.is_leaf) {
      if (level == kMostLevels || squared_distance(resident, point) == 0) return;
      cell.is_leaf = false;
      const std::size_t moved = cell.count - 1;
      Cell& below = cells_[static_cast<std::size_t>(child_for(at, resident))];
      below.mass_centre = resident;
      below.count = moved;
    }
    at = child_for(at, point);
  }
}

QuadTree::Repulsion QuadTree::repulsion(const MapPoint& point, double theta) const {
  Repulsion sum;
  std::array<int, 4 * kMostLevels + 4> open;
  std::size_t n_open = 0;
  if (!cells_.empty()) open[n_open++] = 0;
  while (n_open > 0) {
    const Cell& cell = cells_[static_cast<std::size_t>(open[--n_open])];
    const double squared = squared_distance(point, cell.mass_centre);
    if (!cell.is_leaf && !(cell.side * cell.side < theta * theta * squared)) {
      for (const int child : cell.children)
        if (child >= 0) open[n_open++] = child;
      continue;
    }
    const double w = 1 / (1 + squared), count = static_cast<double>(cell.count);
    sum.weight += count * w;
    sum.force.x += count * w * w * (point.x - cell.mass_centre.x);
    sum.force.y += count * w * w * (point.y - cell.mass_centre.y);
  }
  sum.weight -= 1;  // the point itself, at the distance 0
  return sum;
}

}  // namespace steelsight
