#pragma once
// What libFuzzer's targets share: bytes as a file, the errors that a reader may refuse them by, and
// a check that ends the fuzzer as a crash does.
//
// A target is one LLVMFuzzerTestOneInput: it gives a reader the bytes, and holds what was read
// against what the reader promises (usually: written again, it is read as the same).
// https://llvm.org/docs/LibFuzzer.html
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::fuzzing {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "the target expects: %s\n", what.c_str());
  std::abort();
}

// A file whose content is replaced for each input, without syncing; scripts/fuzz.sh has TMPDIR in
// memory.
class InputFile {
 public:
  explicit InputFile(const std::string& name)
      : path_(folder_ / name),
        descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}

  const fs::path& path() const { return path_; }

  const fs::path& fill(std::string_view bytes) {
    const bool filled =
        ::ftruncate(descriptor_.number(), 0) == 0 &&
        ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), 0) == std::ssize(bytes);
    require(filled, "room for the input in the folder for temporary files");
    return path_;
  }

 private:
  const TemporaryFolder folder_;
  const fs::path path_;
  const Descriptor descriptor_;
};

// What was read, or nothing if the reader has refused with one of these errors. Every other
// exception is a fault, and so is an error without a word.
template <class... Refusals, class Read>
std::optional<decltype(std::declval<Read>()())> read_or_refuse(Read read) {
  try {
    return read();
  } catch (const Error& error) {
    require((... || (dynamic_cast<const Refusals*>(&error) != nullptr)),
            std::string("only the errors of the header, not: ") + error.what());
    require(*error.what() != '\0', "an error with a message");
    return std::nullopt;
  }
}

}  // namespace steelsight::fuzzing
