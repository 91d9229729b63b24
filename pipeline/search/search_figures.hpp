#pragma once
// The figures of a search, each as .png and .svg:
//   one key      accuracy: train, validation and test over it
//   two keys     heatmap_train, heatmap_validation, heatmap_test
//   more         the three for each pair, heatmap_test_dropout_schedule.learning_rate. A cell is
//   the
//                mean of all trials that fall into it, whatever their other keys: it shows what the
//                two do in general. The best trial of a cell would be the luckiest one, and the
//                more keys, the luckier.
// A key that is drawn from a range is divided into five ranges of equal width on its scale.
#include <vector>

#include "core/filesystem.hpp"
#include "pipeline/search/search_grid.hpp"
#include "pipeline/search/search_table.hpp"

namespace steelsight {

struct SearchFigures {
  const SearchGrid& grid;
  const std::vector<Settings>& settings;    // for all trials
  const std::vector<TrialSummary>& trials;  // finished ones
  const TrialSummary& best;
};

// Throws FigureError, FileError.
void draw_search_figures(const fs::path& folder, const SearchFigures& figures);

}  // namespace steelsight
