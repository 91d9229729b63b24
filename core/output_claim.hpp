#pragma once
// An output that is this run's alone while it works: claimed before the work begins, so that a
// place which can't be written to, and another run that writes there, are found then and not at the
// end.
//
//   const OutputClaim claim = claim_file(config.output);
#include <vector>

#include "core/descriptor.hpp"
#include "core/filesystem.hpp"

namespace steelsight {

// Until it is destroyed, or the process ends in whatever way. Folders that were made for it and are
// empty then are removed again.
class OutputClaim {
 public:
  OutputClaim() = default;
  ~OutputClaim() { release(); }
  OutputClaim(OutputClaim&& other) noexcept { *this = std::move(other); }
  OutputClaim& operator=(OutputClaim&& other) noexcept;

 private:
  friend OutputClaim claim_file(const fs::path& file);
  friend OutputClaim claim_folder(const fs::path& folder);
  void lock(const fs::path& output, const fs::path& file);
  void release();

  std::vector<fs::path> made_;  // folders
  fs::path lock_;               // a file that is locked; empty for a device or FIFO
  Descriptor descriptor_;
};

// Claims a file to be written: a name in a folder, which is made; a symbolic link; a device or
// FIFO, which several programs may share. Throws FileError: it is a folder, can't be written, or is
// claimed already.
OutputClaim claim_file(const fs::path& file);

// Claims a folder to write files to, which is made. Throws FileError as claim_file().
OutputClaim claim_folder(const fs::path& folder);

}  // namespace steelsight
