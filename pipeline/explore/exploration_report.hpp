#pragma once
// The files that `explore` writes.
#include <string>

#include "core/filesystem.hpp"
#include "pipeline/explore/exploration.hpp"

namespace steelsight {

// explore.html, explore.json, points.csv and as .png, .svg and .pdf scree, map (t-SNE, else the
// first two components) and, of images that are there, class_samples and preprocessing. Those of an
// earlier run in the folder that this one does not have are removed. Throws FileError, FigureError.
void write_exploration(const fs::path& folder, const std::string& title, const ExploredData& data,
                       const Exploration& exploration);

}  // namespace steelsight
