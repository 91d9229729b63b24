#pragma once
// What a file is, told by its first bytes: for the message where it is not what was asked for.
#include <optional>
#include <string>
#include <string_view>

#include "core/filesystem.hpp"

namespace steelsight {

struct FileKind {
  std::string what;    // "a ZIP archive as PyTorch writes it (.pth, .pt)"
  std::string advice;  // what to do with it here; empty: nothing comes to mind
  bool is_text = false;
};

// Nothing for bytes that look like nothing known. `begin`: the first kFileKindBytes of the file, or
// all of it.
inline constexpr std::size_t kFileKindBytes = 4096;
std::optional<FileKind> kind_of_bytes(std::string_view begin);

// The same of a file's first bytes. Nothing also where it isn't a regular file that can be read.
std::optional<FileKind> kind_of_file(const fs::path& file);

// "is WHAT, expected EXPECTED: ADVICE", or "" where the kind isn't known.
std::string mistaken_for(const std::optional<FileKind>& kind, const std::string& expected);

}  // namespace steelsight
