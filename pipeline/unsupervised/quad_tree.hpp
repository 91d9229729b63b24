#pragma once
// A quadtree over points of a plane, for sums over all of them in which far ones are taken together
// (Barnes and Hut 1986, Nature 324, 446).
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace steelsight {

struct MapPoint {
  double x = 0, y = 0;
};

class QuadTree {
 public:
  // The points must be finite.
  explicit QuadTree(std::span<const MapPoint> points);

  // What all other points do to one at `point`, which is one of the tree's, in t-SNE: with the
  // weight w = 1 / (1 + d^2) of another point at the distance d, force is the sum of w^2 times the
  // way from there, and weight the sum of w. A cell whose side is smaller than theta times its
  // distance counts as one point at its centre of mass; with theta = 0 the sums are exact.
  struct Repulsion {
    MapPoint force;
    double weight = 0;
  };
  Repulsion repulsion(const MapPoint& point, double theta) const;

 private:
  struct Cell {
    MapPoint centre;        // of the square
    double side = 0;        // of the square
    MapPoint mass_centre;   // of the points inside
    std::size_t count = 0;  // of the points inside
    std::array<int, 4> children{-1, -1, -1, -1};
    bool is_leaf = true;  // with one point, or several in (nearly) the same place
  };

  void insert(const MapPoint& point);
  int child_for(int cell, const MapPoint& point);

  std::vector<Cell> cells_;
};

}  // namespace steelsight
