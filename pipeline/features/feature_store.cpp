#include "pipeline/features/feature_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "core/content_hash.hpp"
#include "core/error.hpp"
#include "core/folders.hpp"

namespace steelsight {
namespace {

constexpr std::array<char, 16> kMagic{'s', 't', 'e', 'e', 'l', 's', 'i', 'g',
                                      'h', 't', '.', 'f', 'e', '0', '1', 0};
constexpr std::size_t kFileHeader = kMagic.size() + sizeof(std::uint64_t);

struct RecordHeader {
  std::uint64_t hash, view, checksum;
};

// pread and pwrite may do less than asked for. False at the end of the file or on an error.
bool read_at(int descriptor, void* to, std::size_t size, std::uint64_t offset) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::pread(descriptor, static_cast<char*>(to) + done, size - done,
                                static_cast<off_t>(offset + done));
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return true;
}

bool write_at(int descriptor, const void* from, std::size_t size, std::uint64_t offset) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t put = ::pwrite(descriptor, static_cast<const char*>(from) + done, size - done,
                                 static_cast<off_t>(offset + done));
    if (put < 0 && errno != EINTR) return false;
    if (put > 0) done += static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

FeatureStore::FeatureStore(fs::path file, std::size_t row_floats)
    : file_(std::move(file)), row_floats_(row_floats) {
  make_folders(folder_of(file_), file_);
  do {  // it may be removed while it isn't locked yet
    descriptor_ = Descriptor(
        ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644));
    if (!descriptor_.is_open()) fail("opening");
    lock(descriptor_, file_);
  } while (!is_still_at(descriptor_, file_));
  ::futimens(descriptor_.number(), nullptr);
  read_records();
}

FeatureStore::~FeatureStore() {
  // Closing is not enough: a mapping keeps the lock alive.
  if (descriptor_.is_open()) ::flock(descriptor_.number(), LOCK_UN);
}

void FeatureStore::fail(const char* doing) {
  throw_system_error(errno, file_.string() + ": " + doing + " failed");
}

void FeatureStore::read_records() {
  std::array<char, kFileHeader> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  const std::uint64_t floats = row_floats_;
  std::memcpy(header.data() + kMagic.size(), &floats, sizeof floats);
  std::array<char, kFileHeader> found{};
  if (!read_at(descriptor_.number(), found.data(), found.size(), 0) || found != header) {
    if (::ftruncate(descriptor_.number(), 0) != 0) fail("emptying");
    if (!write_at(descriptor_.number(), header.data(), header.size(), 0)) fail("writing");
  }
  end_ = kFileHeader;
  std::vector<float> row(row_floats_);
  const std::size_t bytes = row_floats_ * sizeof(float);
  for (RecordHeader record{}; read_at(descriptor_.number(), &record, sizeof record, end_);
       end_ += sizeof record + bytes) {
    if (!read_at(descriptor_.number(), row.data(), bytes, end_ + sizeof record)) break;
    if (content_hash(row.data(), bytes) != record.checksum) break;
    offsets_[{record.hash, record.view}] = end_ + sizeof record;
  }
  if (::ftruncate(descriptor_.number(), static_cast<off_t>(end_)) != 0) fail("shortening");
}

void FeatureStore::append(const Key& key, std::span<const float> row) {
  if (row.size() != row_floats_)
    throw std::invalid_argument("a row of " + std::to_string(row.size()) + " floats, expected " +
                                std::to_string(row_floats_));
  const RecordHeader record{key.first, key.second, content_hash(row.data(), row.size_bytes())};
  if (!write_at(descriptor_.number(), &record, sizeof record, end_) ||
      !write_at(descriptor_.number(), row.data(), row.size_bytes(), end_ + sizeof record))
    fail("writing");  // what was written of it is cut off when the file is opened next
  offsets_[key] = end_ + sizeof record;
  end_ += sizeof record + row.size_bytes();
}

FeatureStore::Mapping FeatureStore::map() {
  const std::size_t size = end_;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_.number(), 0);
  if (address == MAP_FAILED) fail("mapping");
  Mapping mapping{.memory = {address, [size](void* mapped) { ::munmap(mapped, size); }},
                  .rows = {}};
  for (const auto& [key, offset] : offsets_)
    mapping.rows[key] = reinterpret_cast<const float*>(static_cast<const char*>(address) + offset);
  return mapping;
}

}  // namespace steelsight
