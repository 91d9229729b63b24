#include "pipeline/npy.hpp"

#include <bit>

namespace steelsight {

static_assert(std::endian::native == std::endian::little);

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
