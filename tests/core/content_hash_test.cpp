#include "core/content_hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace steelsight::content_hash_test {
namespace {

TEST(ContentHash, AgreesWithThePublishedValueOfTheEmptyInput) {
  EXPECT_EQ(content_hash("", 0), 0x2d06800538d394c2u);  // XXH3_64bits of nothing, seed 0
}

TEST(ContentHash, OfAFileIsThatOfItsBytes) {
  const fs::path file = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const std::string bytes(200000, 'x');  // more than one chunk
  write_file(file, bytes);
  EXPECT_EQ(content_hash(file), content_hash(bytes.data(), bytes.size()));
  EXPECT_NE(content_hash(file), content_hash(bytes.data(), bytes.size() - 1));
  fs::remove(file);
  EXPECT_THROW(content_hash(file), FileError);
}

TEST(ContentHash, OfPiecesIsThatOfTheWhole) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * i);
  ContentHash hash;
  EXPECT_EQ(hash.value(), content_hash("", 0));
  for (std::size_t at = 0, size = 1; at < bytes.size(); at += size, size = size * 2 + 1)
    hash.add(bytes.data() + at, std::min(size, bytes.size() - at));
  EXPECT_EQ(hash.value(), content_hash(bytes.data(), bytes.size()));
}

TEST(ContentHash, HexadecimalRoundTrip) {
  EXPECT_EQ(to_hex(0x0123456789abcdefu), "0123456789abcdef");
  EXPECT_EQ(from_hex("0123456789abcdef"), 0x0123456789abcdefu);
  for (const char* bad : {"", "123", "0123456789abcdeg", "0123456789abcdef0", "-123456789abcdef"})
    EXPECT_THROW(from_hex(bad), std::invalid_argument) << bad;
}

}  // namespace
}  // namespace steelsight::content_hash_test
