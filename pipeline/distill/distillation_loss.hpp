#pragma once
// What a distillation minimises: the mean over the images of a batch of
//
//   mean over K components (output - target)^2  +  label_weight * cross-entropy of the label
//
// where the second is 0 for an image without a label. So each labelled image counts alike, however
// many others are in its batch.
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "models/loss.hpp"

namespace steelsight {

// outputs, gradient: N x (K + classes). targets: N x K, CV_32F. labels: N, kIgnoredLabel for none.
// readable: N; a row that isn't counts for nothing. Throws std::invalid_argument if sizes don't fit
// together.
struct DistillationBatch {
  const cv::Mat& targets;
  const std::vector<int>& labels;
  const std::vector<bool>& readable;
};
LossResult distillation_loss(const DistillationBatch& batch, double label_weight,
                             std::span<const float> outputs, std::span<float> gradient);

}  // namespace steelsight
