#pragma once
// comparison.html: two predictions.csv side by side, with the images that changed.
#include <string>

#include "evaluation/comparison.hpp"
#include "pipeline/compare/changed_images.hpp"

namespace steelsight {

// The figure is taken from `figures`, the folder that draw_comparison() wrote comparison.svg to.
// Throws FileError if it is missing.
std::string comparison_page(const Comparison& comparison, const Thumbnails& thumbnails,
                            const fs::path& figures);

}  // namespace steelsight
