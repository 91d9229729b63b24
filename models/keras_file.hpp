#pragma once
// Reads the weights files that Keras writes (HDF5; save_weights and the official applications).
// Each layer of the root's attribute "layer_names" is a group whose attribute "weight_names" lists
// its tensors, which may stand in groups below it. A whole model has all that in "model_weights".
#include <vector>

#include "core/filesystem.hpp"
#include "models/keras_layer.hpp"

namespace steelsight {

// Whether the file begins as HDF5 does. False for a file that can't be read.
bool is_hdf5(const fs::path& file);

// Layers without weights are left out. f16, f32 and f64 are converted to f32. Tensors that take
// more than the file together are refused, also where compression would explain it. HDF5's library
// runs in a process of its own (core/confined_process.hpp), so that a hostile file ends that one
// alone. Throws ModelError that names the file and the tensor, ResourceError, Interrupted.
std::vector<KerasLayer> read_keras_file(const fs::path& file);

}  // namespace steelsight
