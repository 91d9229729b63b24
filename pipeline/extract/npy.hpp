#pragma once
// Arrays as numpy.save and numpy.load have them: the .npy format, little-endian f32 in C order.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"

namespace steelsight {

class NpyWriter {
 public:
  // shape: of the whole array, rows first. Throws FileError.
  NpyWriter(const fs::path& file, const std::vector<std::int64_t>& shape);

  void write(std::span<const float> values) { file_.write(values.data(), values.size_bytes()); }
  // The file is there from now on. The values must be as many as the shape says.
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
};

struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // in C order
};

// Versions 1 and 2. Throws DatasetError for another kind of numbers or order (numpy.save(FILE,
// array.astype("float32")) writes this one) and for a damaged file, FileError.
NpyArray read_npy(const fs::path& file);

}  // namespace steelsight
