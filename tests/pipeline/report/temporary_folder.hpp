#pragma once
// A folder for a test's files, removed at the end.
#include "core/filesystem.hpp"

namespace steelsight {

class TemporaryFolder {
 public:
  TemporaryFolder() { fs::create_directories(path_); }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
};

}  // namespace steelsight
