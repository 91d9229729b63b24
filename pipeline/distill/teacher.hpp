#pragma once
// The network that is learned from, up to the layers that are learned.
#include <string>

#include "pipeline/command/console.hpp"
#include "pipeline/distill/distill_config.hpp"
#include "pipeline/features/extraction.hpp"

namespace steelsight {

struct Teacher {
  FeatureNetwork network;  // gives the layers pooled and joined
  Json origin;             // for the student's training record: what it is
  std::string digest;      // of network and parameters, whatever file they came from
};

// Throws ConfigError for an architecture without weights, ModelError for a layer that there isn't,
// or for weights that do not reach it.
Teacher load_teacher(const DistillConfig& config, Console& console);

// 16 hexadecimal digits: a hash of the network, its parameters and the preparation of its input.
std::string digest_of(const FeatureNetwork& network);

}  // namespace steelsight
