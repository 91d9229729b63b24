#pragma once
// The report's figures, each as .png (216 dots an inch), .svg or .pdf, whichever the file's
// extension says. Their colours can be told apart by colour-blind readers and in gray print. All
// throw std::invalid_argument for another extension, FigureError (drawing.hpp) for a figure too
// large, FileError if the file can't be written.
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "evaluation/metrics.hpp"
#include "evaluation/rejection.hpp"
#include "evaluation/training_log.hpp"
#include "pipeline/figures/drawing.hpp"

namespace steelsight {

// Rows are the true classes, columns the predicted ones. A cell has the count of images; its shade
// is the share of its row. Made for 2 to 30 classes; beyond, cells shrink and lose counts, then
// names.
void draw_confusion_matrix(const fs::path& file, const Metrics& metrics);

// Loss and accuracy of every epoch in two panels, for the training and the validation part, with
// the best epoch (best_epoch() of the log) marked. Values that are not finite leave a gap. Throws
// std::invalid_argument for an empty log.
void draw_learning_curves(const fs::path& file, const std::vector<EpochLog>& log);

// A curve of one class in the unit square.
struct ClassCurve {
  std::string name;
  std::vector<Point> points;  // by x; at least two
  std::optional<double> area = {};
};

// False positive rate to the right, true positive rate upwards; a panel for each class. Throw
// std::invalid_argument without curves.
void draw_roc_curves(const fs::path& file, const std::vector<ClassCurve>& curves);
// Recall to the right, precision upwards.
void draw_precision_recall_curves(const fs::path& file, const std::vector<ClassCurve>& curves);

// For the bins of confidence_bins(): the share of right ones over the mean confidence, with 95 %
// intervals; on the diagonal, confidences mean what they say. These three throw
// std::invalid_argument without images.
void draw_reliability(const fs::path& file, std::span<const Judged> images);
// The error rate among the images that are named, over their share, for every threshold.
void draw_coverage(const fs::path& file, std::span<const Judged> images);
// Histograms of the confidences of right and of wrong predictions.
void draw_confidences(const fs::path& file, std::span<const Judged> images);

}  // namespace steelsight
