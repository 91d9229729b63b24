#pragma once
// The part of models/keras_file.hpp that calls HDF5's library, which reads beyond its memory where
// a file lies about its sizes.
#include <functional>
#include <string>

#include "core/filesystem.hpp"
#include "models/keras_layer.hpp"

namespace steelsight {

// Gives each tensor with the name of its layer, in the file's order. Only for a process that is
// confined (core/confined_process.hpp): afterwards it can't open files. Throws ModelError.
void read_keras_hdf5(const fs::path& file, std::uint64_t file_bytes,
                     const std::function<void(const std::string& layer, KerasTensor)>& take);

}  // namespace steelsight
