#pragma once
// A trained classifier as one file: safetensors with the tensors of parameter_specs(spec) and of
// the memory (its features as F16), the weights of quantised layers as I8 with a step for each
// output channel ("<layer>.weight_steps"), and in its __metadata__ under "steelsight" one JSON text
// with everything else. Loading runs no code, checks every shape and bounds every allocation by the
// file's size.
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "models/feature_memory.hpp"
#include "models/quantization.hpp"
#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

struct Model {
  NetworkSpec spec;                      // its output: one logit for each class
  TensorMap parameters;                  // those of parameter_specs(spec)
  std::vector<std::string> class_names;  // unique, in the order of the logits; none: a backbone,
                                         // whose outputs mean no classes
  Json preprocessing;                    // an object; preprocessing/ reads and writes it
  Json training = Json::object();        // how it came to be: architecture, seed, figures
  // Content hashes (core/content_hash.hpp) of the images it learned from, and of those its epoch
  // was chosen on. Sorted.
  std::vector<std::uint64_t> trained_images;
  std::vector<std::uint64_t> validated_images;
  Json calibration = Json::object();  // empty: none; evaluation/calibration.hpp reads and writes it
  FeatureMemory memory;               // empty: none
  // Empty: it runs in f32. Else the weights of these layers are multiples of their steps.
  Quantization quantization;
};

// Throws ModelError, which names the file, for anything that is not a whole and consistent model,
// FileError if it can't be opened, Interrupted.
Model load_model(const fs::path& file, const std::stop_token& stop = {});

// The same for what needs classes: throws ModelError for a backbone too.
Model load_classifier(const fs::path& file, const std::stop_token& stop = {});

// The same model gives the same bytes. Throws ModelError for an inconsistent model, FileError if
// the file can't be written.
void save_model(const fs::path& file, const Model& model);

}  // namespace steelsight
