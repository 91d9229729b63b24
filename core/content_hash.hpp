#pragma once
// A 64-bit hash of a file's bytes (XXH3, library xxHash): tells byte-identical images apart from
// others. Not cryptographic.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/filesystem.hpp"

namespace steelsight {

std::uint64_t content_hash(const void* bytes, std::size_t size);
// Throws FileError if the file can't be read, ResourceError, Interrupted.
std::uint64_t content_hash(const fs::path& file);

// The same of bytes that come in pieces.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  void add(const void* bytes, std::size_t size);
  std::uint64_t value() const;  // of all that was added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 16 lower-case hexadecimal digits, and back. from_hex throws std::invalid_argument.
std::string to_hex(std::uint64_t hash);
std::uint64_t from_hex(const std::string& digits);

}  // namespace steelsight
