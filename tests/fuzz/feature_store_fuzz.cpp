// Stores of features: whatever the file holds, what is appended is found again.
#include <array>
#include <cstring>

#include "core/content_hash.hpp"
#include "pipeline/features/feature_store.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

constexpr std::size_t kRow = 3;  // floats
constexpr std::size_t kFileHeader = 24, kRecordHeader = 24, kChecksumAt = 16;

// Every record's checksum made right: few inputs would come behind them.
std::string with_checksums(std::string bytes) {
  constexpr std::size_t kRowBytes = kRow * sizeof(float);
  for (std::size_t at = kFileHeader; at + kRecordHeader + kRowBytes <= bytes.size();
       at += kRecordHeader + kRowBytes) {
    const std::uint64_t checksum = content_hash(bytes.data() + at + kRecordHeader, kRowBytes);
    std::memcpy(bytes.data() + at + kChecksumAt, &checksum, sizeof checksum);
  }
  return bytes;
}

void append_and_find(const fs::path& file) {
  constexpr std::array<float, kRow> kValues{1, 2, 3};
  const FeatureStore::Key key{7, 0};
  std::size_t records = 0;
  {
    FeatureStore store(file, kRow);
    store.append(key, kValues);
    records = store.size();
  }
  FeatureStore store(file, kRow);
  const FeatureStore::Mapping mapping = store.map();
  fuzzing::require(store.size() == records && mapping.rows.size() == records,
                   "as many records as before");
  fuzzing::require(std::memcmp(mapping.rows.at(key), kValues.data(), sizeof kValues) == 0,
                   "the row that was appended");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("features.bin");
  const std::string bytes(fuzzing::text_of(data, size));
  append_and_find(file.fill(size % 8 == 0 ? bytes : with_checksums(bytes)));
  return 0;
}
