#pragma once
// The small network: its trunk, its pooled layers joined as features, their norm, and one dense
// layer with an output for each component of the teacher and for each class.
#include <cstdint>
#include <string>
#include <vector>

#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/distill/distill_config.hpp"
#include "pipeline/features/extraction.hpp"
#include "pipeline/train/starting_point.hpp"

namespace steelsight {

// As the configuration says, the shipped model by default. Its dense layer is 0. Throws
// ConfigError, ModelError.
StartingPoint begin_student(const DistillConfig& config, std::size_t outputs);

// The student up to its features, without their norm.
FeatureNetwork features_of_student(const NetworkSpec& student, const TensorMap& parameters,
                                   const Preprocessing& preprocessing);

// The norm of the features learns in a distillation: as long as the trunk changes, what it would
// have been fitted to before does not hold. Its scales and shifts go into the dense layer, so that
// it only standardises, as classifier_on_features() has it; the outputs stay the same.
void settle_norm(const NetworkSpec& student, TensorMap& parameters);

// At most so many positions below `size`, drawn by the seed, ascending.
std::vector<std::size_t> drawn_positions(std::size_t size, std::size_t most, std::uint64_t seed);

}  // namespace steelsight
