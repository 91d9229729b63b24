#include "pipeline/features/feature_cache.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <set>

#include "core/error.hpp"

namespace steelsight {
namespace {

constexpr const char* kExtension = ".features";

// A training opens the cache several times.
bool is_news(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> told;
  const std::scoped_lock guard(mutex);
  return told.insert(folder).second;
}

struct CachedFile {
  fs::path path;
  std::uint64_t bytes;
  timespec used;
};

std::vector<CachedFile> files_in(const fs::path& folder) {
  std::vector<CachedFile> files;
  boost::system::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat status = {};
    const fs::path path = entry->path();
    if (path.extension() == kExtension && ::lstat(path.c_str(), &status) == 0 &&
        S_ISREG(status.st_mode))
      files.push_back({path, static_cast<std::uint64_t>(status.st_size), status.st_mtim});
  }
  return files;
}

bool remove_unless_open(const fs::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return descriptor.is_open() && ::flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0 &&
         ::unlink(file.c_str()) == 0;
}

// Not /tmp, where anybody could lay features for others.
fs::path home() {
  if (const char* named = std::getenv("HOME"); named != nullptr && *named != '\0') return named;
  static const std::string known = [] {
    const passwd* user = ::getpwuid(::geteuid());
    return user == nullptr || user->pw_dir == nullptr ? std::string("/") : user->pw_dir;
  }();
  return known;
}

}  // namespace

FeatureCache::FeatureCache(const fs::path& folder, const std::string& name, std::size_t row_floats,
                           std::function<void(const std::string&)> warn)
    : folder_(folder),
      warn_(std::move(warn)),
      in_memory_(std::make_shared<std::map<Key, std::vector<float>>>()) {
  try {
    store_.emplace(folder / (name + kExtension), row_floats);
    trim_cache(folder, kMostCached);
  } catch (const FileError& error) {
    give_up(error.what());
  }
}

void FeatureCache::give_up(const std::string& reason) {
  writable_ = false;
  if (is_news(folder_)) warn_(reason);
}

bool FeatureCache::contains(const Key& key) const {
  return in_memory_->contains(key) || (store_ && store_->contains(key));
}

void FeatureCache::append(const Key& key, std::span<const float> row) {
  if (writable_) {
    try {
      return store_->append(key, row);
    } catch (const FileError& error) {  // the disk is full
      give_up(error.what());
    }
  }
  in_memory_->insert_or_assign(key, std::vector<float>(row.begin(), row.end()));
}

FeatureCache::Mapping FeatureCache::map() {
  Mapping mapping = store_ ? store_->map() : Mapping{};
  for (const auto& [key, row] : *in_memory_) mapping.rows[key] = row.data();
  using Both = std::pair<std::shared_ptr<const void>, decltype(in_memory_)>;
  mapping.memory = std::make_shared<Both>(std::move(mapping.memory), in_memory_);
  return mapping;
}

void trim_cache(const fs::path& folder, std::uint64_t most) {
  std::vector<CachedFile> files = files_in(folder);
  std::ranges::sort(files, {}, [](const CachedFile& file) {
    return std::pair(file.used.tv_sec, file.used.tv_nsec);
  });
  std::uint64_t bytes = 0;
  for (const CachedFile& file : files) bytes += file.bytes;
  for (const CachedFile& file : files) {
    if (bytes <= most) return;
    if (remove_unless_open(file.path)) bytes -= file.bytes;
  }
}

fs::path default_cache() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return fs::path(cache) / "steelsight";
  return home() / ".cache" / "steelsight";
}

}  // namespace steelsight
