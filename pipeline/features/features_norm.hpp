#pragma once
// The standardisation of features, which is a layer of the network: the batch norm kFeaturesNorm
// (models/surgery.hpp), whose statistics are set from features once and never learned.
#include "models/spec.hpp"
#include "models/tensor.hpp"
#include "pipeline/features/features.hpp"

namespace steelsight {

bool is_features_norm(const LayerSpec& layer);

// Sets kFeaturesNorm's running mean and variance to those of each column over all rows. A column
// that never changes gets a variance of 1: it stays at 0 instead of being blown up.
void fit_features_norm(const Features& features, TensorMap& parameters);

// Features as what follows the norm sees them.
Features normalised(const Features& features, const LayerSpec& norm, const TensorMap& parameters);

}  // namespace steelsight
