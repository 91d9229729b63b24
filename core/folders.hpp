#pragma once
// Folders that files are written to: made when they are missing, and cleaned of what killed
// programs left in them.
#include <vector>

#include "core/filesystem.hpp"

namespace steelsight {

// Begins the name of files that exist only while a program writes. Each is locked
// (core/descriptor.hpp) as long as its program lives.
inline constexpr const char* kTemporaryPrefix = ".steelsight-";

// "." for a name alone.
fs::path folder_of(const fs::path& file);

// The file itself, or what a chain of symbolic links leads to, which may be missing. Throws
// FileError for a loop.
fs::path behind_links(const fs::path& file);

// Makes a folder with all above it. Gives the folders that were missing, the outermost first.
// Throws FileError that begins with the name `wanted_for`.
std::vector<fs::path> make_folders(const fs::path& folder, const fs::path& wanted_for);

// Removes temporary files that no program holds a lock of; once for each folder and process.
void remove_leftovers(const fs::path& folder);

}  // namespace steelsight
