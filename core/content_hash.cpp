#include "core/content_hash.hpp"

#include <xxhash.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <new>
#include <stdexcept>

#include "core/descriptor.hpp"

namespace steelsight {

std::uint64_t content_hash(const void* bytes, std::size_t size) {
  return XXH3_64bits(bytes, size);
}

struct ContentHash::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh3{XXH3_createState(), XXH3_freeState};
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {
  if (!state_->xxh3) throw std::bad_alloc();
  XXH3_64bits_reset(state_->xxh3.get());
}

ContentHash::~ContentHash() = default;

void ContentHash::add(const void* bytes, std::size_t size) {
  XXH3_64bits_update(state_->xxh3.get(), bytes, size);
}

std::uint64_t ContentHash::value() const {
  return XXH3_64bits_digest(state_->xxh3.get());
}

std::uint64_t content_hash(const fs::path& file) {
  const Descriptor descriptor = open_to_read(file);
  ContentHash hash;
  std::array<char, 1 << 16> chunk;
  while (const std::size_t got = read_some(descriptor, chunk.data(), chunk.size(), file))
    hash.add(chunk.data(), got);
  return hash.value();
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
