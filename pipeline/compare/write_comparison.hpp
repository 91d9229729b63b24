#pragma once
// A comparison as files.
#include "core/filesystem.hpp"
#include "evaluation/comparison.hpp"
#include "pipeline/compare/changed_images.hpp"

namespace steelsight {

// Writes comparison.json (comparison_json.hpp), comparison.html and comparison.png, .svg and .pdf.
// Throws FileError, FigureError.
void write_comparison(const fs::path& folder, const Comparison& comparison,
                      const Thumbnails& thumbnails = {});

}  // namespace steelsight
