#pragma once
// A folder for a test's files, removed at the end.
#include <string>

#include "core/atomic_file.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

class TemporaryFolder {
 public:
  TemporaryFolder() { fs::create_directories(path_); }
  ~TemporaryFolder() {
    boost::system::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }
  // Writes the file and gives its path.
  fs::path add(const std::string& name, const std::string& content) const {
    write_file(path_ / name, content);
    return path_ / name;
  }

 private:
  const fs::path path_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
};

}  // namespace steelsight
