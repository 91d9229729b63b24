#pragma once
// The report's figures, each as .png (216 dots an inch), .svg or .pdf, whichever the file's
// extension says. Their colours can be told apart by colour-blind readers and in gray print. All
// throw std::invalid_argument for another extension, FigureError (drawing.hpp) for a figure too
// large, FileError if the file can't be written.
#include <vector>

#include "core/filesystem.hpp"
#include "pipeline/report/metrics.hpp"
#include "pipeline/report/training_log.hpp"

namespace steelsight {

// Rows are the true classes, columns the predicted ones. A cell has the count of images; its shade
// is the share of its row. Made for 2 to 30 classes; beyond, cells shrink and lose counts, then
// names.
void draw_confusion_matrix(const fs::path& file, const Metrics& metrics);

// Loss and accuracy of every epoch in two panels, for the training and the validation part, with
// the best epoch (best_epoch() of the log) marked. Values that are not finite leave a gap. Throws
// std::invalid_argument for an empty log.
void draw_learning_curves(const fs::path& file, const std::vector<EpochLog>& log);

}  // namespace steelsight
