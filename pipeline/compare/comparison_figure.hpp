#pragma once
// The recall of each class in two files.
#include "core/filesystem.hpp"
#include "evaluation/comparison.hpp"

namespace steelsight {

// Draws the accuracy, and below it up to 30 classes with images, those with the most changes first.
// A and B have a dot each, with 95 % intervals (Wilson). The figure is .png (216 dots an inch),
// .svg or .pdf. Throws std::invalid_argument for another extension, FigureError, FileError.
void draw_comparison(const fs::path& file, const Comparison& comparison);

}  // namespace steelsight
