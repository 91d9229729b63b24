#include "core/content_hash.hpp"

#include <xxhash.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "core/descriptor.hpp"

namespace steelsight {

std::uint64_t content_hash(const void* bytes, std::size_t size) {
  return XXH3_64bits(bytes, size);
}

std::uint64_t content_hash(const fs::path& file) {
  const Descriptor descriptor = open_to_read(file);
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::array<char, 1 << 16> chunk;
  while (const std::size_t got = read_some(descriptor, chunk.data(), chunk.size(), file))
    XXH3_64bits_update(state.get(), chunk.data(), got);
  return XXH3_64bits_digest(state.get());
}

std::string to_hex(std::uint64_t hash) {
  std::array<char, 17> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

std::uint64_t from_hex(const std::string& digits) {
  std::uint64_t hash = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, hash, 16);
  if (digits.size() != 16 || error != std::errc() || stop != end)
    throw std::invalid_argument("'" + digits + "' is not a hash, expected 16 hexadecimal digits");
  return hash;
}

}  // namespace steelsight
