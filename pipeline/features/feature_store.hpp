#pragma once
// A file of computed features that survives from run to run. It only grows: a record is appended
// for each image and view, found again by the image's content hash. A record that a killed run left
// half written is cut off when the file is opened next; each carries a checksum of its own.
//
//   16 bytes   "steelsight.fe01", 0
//    8 bytes   floats in a row
//   a record:  8 bytes content hash, 8 bytes view, 8 bytes XXH3 of the row, the row (f32)
//
// This is the one file that isn't written by rename (core/atomic_file.hpp): hours of features would
// be copied for each image that is added.
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/descriptor.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

class FeatureStore {
 public:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // content hash, view

  // Creates the file if it isn't there. Waits while another process has it open. A file of another
  // row length or none of ours is begun anew. Its time of change says when it was opened last.
  // Throws FileError, ResourceError, Interrupted.
  FeatureStore(fs::path file, std::size_t row_floats);
  ~FeatureStore();
  FeatureStore(const FeatureStore&) = delete;
  FeatureStore& operator=(const FeatureStore&) = delete;

  bool contains(const Key& key) const { return offsets_.contains(key); }
  std::size_t size() const { return offsets_.size(); }
  // Throws FileError, std::invalid_argument for a row of another length.
  void append(const Key& key, std::span<const float> row);

  // The records so far, mapped into memory and valid without the store: pages come in as they are
  // read and can be dropped again, so that features may be larger than memory.
  struct Mapping {
    std::shared_ptr<const void> memory;
    std::map<Key, const float*> rows;
  };
  Mapping map();

 private:
  void read_records();
  [[noreturn]] void fail(const char* doing);

  const fs::path file_;
  const std::size_t row_floats_;
  Descriptor descriptor_;
  std::uint64_t end_ = 0;
  std::map<Key, std::uint64_t> offsets_;  // the row's place in the file
};

}  // namespace steelsight
