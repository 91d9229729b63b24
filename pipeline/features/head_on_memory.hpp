#pragma once
// The head of a model and what it remembers. Makes a model ready for new classes: its head shall
// read all that its memory is of, not only what the network's own last layer does.
#include <vector>

#include "models/backend.hpp"
#include "models/model_file.hpp"

namespace steelsight {

// The same trunk; its memory's layers pooled, joined and standardised over the memory
// (classifier_on_features), then a dense layer of zeros that is still to be trained. The memory is
// then one of what this head reads. A model whose memory already is what its head reads stays as it
// is. Throws std::invalid_argument for a model without a memory.
Model with_head_on_memory(Model model);

// What the model's head says of remembered vectors, of which it reads the last values: n x K.
std::vector<float> logits_of(Backend& backend, const Model& model, const FeatureMemory& memory);

}  // namespace steelsight
