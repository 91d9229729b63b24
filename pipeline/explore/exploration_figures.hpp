#pragma once
// The figures of `explore`, each as .png (216 dots an inch), .svg or .pdf, whichever the file's
// extension says. All throw std::invalid_argument for another extension, FigureError, FileError.
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "pipeline/explore/exploration.hpp"
#include "pipeline/figures/drawing.hpp"

namespace steelsight {

// The share of variance that each principal component explains, and all up to it, in two panels: of
// the columns as they are, and standardised.
void draw_scree(const fs::path& file, const Pca& raw, const Pca& standard);

struct NamedPoints {
  std::string name;  // the class or cluster; empty: points without one
  std::vector<MapPoint> points;
};

// The points of each kind in a colour of its own, its name where they lie.
void draw_map(const fs::path& file, const std::string& title,
              const std::vector<NamedPoints>& kinds);

// Rows of photographs, each with a name.
struct PictureRow {
  std::string name;
  std::vector<Picture> pictures;
};
// `heads`: above each column, or none.
void draw_pictures(const fs::path& file, const std::string& title,
                   const std::vector<std::string>& heads, const std::vector<PictureRow>& rows);

}  // namespace steelsight
