#pragma once
// The files that `explore` writes.
#include <stop_token>
#include <string>

#include "core/filesystem.hpp"
#include "pipeline/explore/exploration.hpp"

namespace steelsight {

// Writes explore.html, explore.json and points.csv. Writes as .png, .svg and .pdf: scree, map
// (t-SNE, otherwise the first two components) and, of images that are there, class_samples and
// preprocessing. Files of an earlier run that this run does not have are removed from the folder.
// Throws FileError, FigureError, Interrupted.
void write_exploration(const fs::path& folder, const std::string& title, const ExploredData& data,
                       const Exploration& exploration, const std::stop_token& stop = {});

}  // namespace steelsight
