#pragma once
// Bounded reading of numbers from the bytes of an image file: a read past the end is an ImageError,
// so that a hostile offset is no more than an error message.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "preprocessing/image_error.hpp"

namespace steelsight {

class ByteReader {
 public:
  // Both must outlive this.
  ByteReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::size_t size() const { return bytes_.size(); }
  const std::string& name() const { return name_; }

  // `count` bytes from `at` on. Throws ImageError if the file ends before.
  const std::uint8_t* take(std::uint64_t at, std::uint64_t count) const {
    if (at > size() || count > size() - at)
      fail("file ends at byte " + std::to_string(size()) + ", expected " + std::to_string(count) +
           " bytes at " + std::to_string(at) + "; it is truncated or damaged");
    return reinterpret_cast<const std::uint8_t*>(bytes_.data()) + at;
  }

  std::uint32_t u8(std::uint64_t at) const { return *take(at, 1); }
  std::uint32_t little16(std::uint64_t at) const {
    const std::uint8_t* b = take(at, 2);
    return b[0] | std::uint32_t{b[1]} << 8;
  }
  std::uint32_t little32(std::uint64_t at) const { return little16(at) | little16(at + 2) << 16; }
  std::uint32_t big16(std::uint64_t at) const {
    const std::uint8_t* b = take(at, 2);
    return std::uint32_t{b[0]} << 8 | b[1];
  }
  std::uint32_t big32(std::uint64_t at) const { return big16(at) << 16 | big16(at + 2); }

  [[noreturn]] void fail(const std::string& what) const { throw ImageError(name_ + ": " + what); }

 private:
  std::string_view bytes_;
  const std::string& name_;
};

}  // namespace steelsight
