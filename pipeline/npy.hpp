#pragma once
// Writes arrays that numpy.load reads: the .npy format 1.0, little-endian f32 in C order.
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

}  // namespace steelsight
