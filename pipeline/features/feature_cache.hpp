#pragma once
// Features of one network as they survive from run to run, in a folder that many networks and
// programs share. A cache may be lost at any time and need not be there at all: what can't be
// written is held in memory.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/features/feature_store.hpp"

namespace steelsight {

// Bytes of all files of a folder together. The file that a run writes to may exceed it until the
// next run begins.
inline constexpr std::uint64_t kMostCached = std::uint64_t{8} << 30;

class FeatureCache {
 public:
  using Key = FeatureStore::Key;
  using Mapping = FeatureStore::Mapping;

  // The file NAME.features in `folder`, which is made; older files of others are removed as far as
  // kMostCached asks. `warn` is told, once for a folder in the life of the process, why it can't be
  // used. Throws ResourceError, Interrupted.
  FeatureCache(const fs::path& folder, const std::string& name, std::size_t row_floats,
               std::function<void(const std::string&)> warn);

  bool contains(const Key& key) const;
  void append(const Key& key, std::span<const float> row);
  // All rows, valid without the cache and as long as it appends nothing more.
  Mapping map();

 private:
  void give_up(const std::string& reason);

  const fs::path folder_;
  const std::function<void(const std::string&)> warn_;
  std::optional<FeatureStore> store_;
  bool writable_ = true;
  std::shared_ptr<std::map<Key, std::vector<float>>> in_memory_;
};

// Removes *.features until `most` bytes are left. The files that were opened the longest time ago
// go first. A file that a program has open is never removed.
void trim_cache(const fs::path& folder, std::uint64_t most);

// Where features and times of kernels are kept if no other folder is named:
// $XDG_CACHE_HOME/steelsight, or .cache/steelsight in $HOME or, without one, in the folder that the
// system names for the user.
fs::path default_cache();

}  // namespace steelsight
