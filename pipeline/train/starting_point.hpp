#pragma once
// What a training run begins with: a network from scratch, or one that knows something already.
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec.hpp"
#include "models/tensor.hpp"
#include "pipeline/features/preparation.hpp"
#include "pipeline/train/train_config.hpp"

namespace steelsight {

struct StartingPoint {
  NetworkSpec spec;      // one output for each class
  TensorMap parameters;  // all of the spec's
  Preparation preprocessing;
  Json origin = Json::object();          // for the model's training record: arch, weights or from
  std::vector<std::string> notes;        // sentences for the user
  std::vector<std::string> layers = {};  // that a new head reads; empty: what the model's own reads
  std::vector<std::uint64_t> trained_images = {};    // that the given network has seen already;
  std::vector<std::uint64_t> validated_images = {};  // content hashes, sorted
};

// config.from: that model's network with a head for these classes; rows of classes that it knows
// are taken over by name. With config.layers, or for least squares without a word of where, the
// head is a new one on pooled layers. Else config.arch, with config.weights where given. The rest
// is initialised from the seed. Throws ConfigError, ModelError.
StartingPoint make_starting_point(const TrainConfig& config,
                                  const std::vector<std::string>& class_names);

// The same for a table: `scaling` is of the table's own, and used with config.arch.
StartingPoint make_table_starting_point(const TrainConfig& config,
                                        const std::vector<std::string>& class_names,
                                        const TableScaling& scaling);

}  // namespace steelsight
