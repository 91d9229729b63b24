#pragma once
// Reads and writes safetensors files: named tensors and a map of texts, and no code.
// The format: https://github.com/huggingface/safetensors#format
//
//   8 bytes   little-endian length N of the header, at most 100 MB
//   N bytes   JSON {"__metadata__": {text: text}, NAME: {"dtype", "shape", "data_offsets"}, ...},
//             padded with spaces so that the data begins at a multiple of 8
//   the rest  the tensors' values, little-endian, row-major, without holes or overlaps
#include <map>
#include <stop_token>
#include <string>

#include "core/filesystem.hpp"
#include "models/tensor.hpp"

namespace steelsight {

struct SafetensorsFile {
  TensorMap tensors;
  std::map<std::string, std::string> metadata;  // but for the checksum
  bool has_checksum = false;                    // and it is right
};

// Reads F32, and F16, BF16, F64, I64 and I8 converted to f32 (a double too large becomes infinity).
// Values are not judged: a NaN in the file is a NaN in the tensor. Memory is bounded by the file's
// size, and every length, shape and offset is checked before anything is read by it. Where the file
// has a checksum (models/checksum.hpp), the whole file is read and compared first. Throws
// ModelError for a file that is missing, damaged, of another format (it says which,
// core/file_kind.hpp), or has tensors of another dtype; ResourceError, Interrupted.
SafetensorsFile read_safetensors(const fs::path& file, const std::stop_token& stop = {});

enum class StoredType {
  f16,  // rounded, models/half.hpp
  i8,   // the values are integers from -128 to 127
};

// Writes F32, or what `types` says of a tensor; sorted by name, with a checksum, whole or not at
// all; the same content gives the same bytes. Throws FileError if the file can't be written,
// std::invalid_argument for a tensor whose values don't fit its shape or type, a tensor named
// "__metadata__", a name in `types` without a tensor, a text that is not UTF-8 or a header beyond
// 100 MB.
void write_safetensors(const fs::path& target, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata = {},
                       const std::map<std::string, StoredType>& types = {});

}  // namespace steelsight
