#include "pipeline/extract/npy.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "datasets/error.hpp"

namespace steelsight {

static_assert(std::endian::native == std::endian::little);

namespace {

constexpr char kNpyMagic[] = "\x93NUMPY";
constexpr std::size_t kMagicLength = 6;

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw DatasetError(file.string() + ": " + what);
}

// The length of the header's text, and where it begins.
std::pair<std::size_t, std::size_t> header_of(const fs::path& file, const std::string& bytes) {
  constexpr std::size_t kShortest = 12;
  if (bytes.size() < kShortest || !bytes.starts_with(kNpyMagic)) fail(file, "is not a .npy file");
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const int version = byte(kMagicLength);
  if (version != 1 && version != 2)
    fail(file, "has version " + std::to_string(version) + " of .npy, expected 1 or 2");
  std::size_t length = 0;
  const std::size_t bytes_of_length = version == 1 ? 2 : 4;
  for (std::size_t i = bytes_of_length; i-- > 0;)
    length = 256 * length + byte(kMagicLength + 2 + i);
  const std::size_t start = kMagicLength + 2 + bytes_of_length;
  if (length > bytes.size() - start) fail(file, "ends within its header");
  return {length, start};
}

std::vector<std::int64_t> shape_in(const fs::path& file, const std::string& header) {
  // No std::regex: it calls itself for each character, and a long header would end the stack.
  constexpr std::string_view kKey = "'shape':";
  const std::size_t key = header.find(kKey);
  if (key == std::string::npos) fail(file, "has no shape in its header");
  const std::size_t open = header.find_first_not_of(' ', key + kKey.size());
  const std::size_t close =
      std::min(header.find_first_not_of("0123456789, ", open + 1), header.size());
  if (open >= header.size() || header[open] != '(' || !header.substr(close).starts_with(')'))
    fail(file, "has a shape in its header that is no list of sizes");
  std::vector<std::int64_t> shape;
  const std::string sizes = header.substr(open + 1, close - open - 1);
  for (const char *at = sizes.data(), *end = at + sizes.size(); at < end;) {
    std::int64_t size = 0;
    const auto [stop, error] = std::from_chars(at, end, size);
    if (error == std::errc::result_out_of_range) fail(file, "has too large a shape");
    if (error == std::errc()) shape.push_back(size);
    at = error == std::errc() ? stop : at + 1;
  }
  return shape;
}

}  // namespace

NpyArray read_npy(const fs::path& file) {
  const std::string bytes = read_file(file);
  const auto [length, start] = header_of(file, bytes);
  const std::string header = bytes.substr(start, length);
  if (header.find("'<f4'") == std::string::npos ||
      header.find("'fortran_order': False") == std::string::npos)
    fail(file, "holds " + header.substr(0, 80) +
                   "..., expected little-endian f32 in C order: "
                   "numpy.save(FILE, numpy.ascontiguousarray(array, \"float32\"))");
  NpyArray array{.shape = shape_in(file, header), .values = {}};
  const std::size_t size = (bytes.size() - start - length) / sizeof(float);
  std::size_t expected = 1;
  for (const std::int64_t n : array.shape) {
    if (n != 0 && expected > size / static_cast<std::size_t>(n)) fail(file, "is cut off");
    expected *= static_cast<std::size_t>(n);
  }
  if (bytes.size() - start - length != expected * sizeof(float))
    fail(file, "has " + std::to_string(bytes.size() - start - length) +
                   " bytes of numbers, expected " + std::to_string(expected * sizeof(float)));
  if (expected == 0) return array;
  array.values.resize(expected);
  std::memcpy(array.values.data(), bytes.data() + start + length, expected * sizeof(float));
  return array;
}

NpyWriter::NpyWriter(const fs::path& file, const std::vector<std::int64_t>& shape) : file_(file) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::int64_t size : shape) header += std::to_string(size) + ", ";
  header += "), }";
  // Magic, version and length are 10 bytes; all of it ends in a line feed at a multiple of 64.
  constexpr std::size_t kPrefix = 10, kAlignment = 64;
  header.append(kAlignment - 1 - (kPrefix + header.size()) % kAlignment, ' ');
  header += '\n';
  const std::string magic{'\x93',
                          'N',
                          'U',
                          'M',
                          'P',
                          'Y',
                          '\x01',
                          '\x00',
                          static_cast<char>(header.size() & 0xff),
                          static_cast<char>(header.size() >> 8)};
  file_.write(magic);
  file_.write(header);
}

}  // namespace steelsight
