#pragma once
// A linear classifier on frozen features: what a backbone is judged by, and the head of the model
// that is written.
#include <vector>

#include "evaluation/metrics.hpp"
#include "models/backend.hpp"
#include "models/spec.hpp"
#include "models/tensor.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/train/phase_run.hpp"

namespace steelsight {

// The batch norm kFeaturesNorm and the dense layer "predictions", as classifier_on_features() has
// them (models/surgery.hpp).
struct HeadOnFeatures {
  NetworkSpec spec;
  TensorMap parameters;
};

// The norm is fitted to the rows, the dense layer solved by least squares on them (one view), its
// ridge chosen by leave-one-out. Of more images than kMostHeadRows, equally many of each class are
// taken, chosen by the seed: the time grows with the cube.
inline constexpr std::size_t kMostHeadRows = 2000;
HeadOnFeatures fit_linear_head(const LabelledFeatures& train, std::size_t classes,
                               std::uint64_t seed);

// The share of images that it names right; n is 0 without images.
Accuracy accuracy_of(Backend& backend, const HeadOnFeatures& head, const LabelledFeatures& images);

}  // namespace steelsight
