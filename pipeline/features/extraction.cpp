#include "pipeline/features/extraction.hpp"

#include <set>

#include "core/content_hash.hpp"
#include "core/seed_tags.hpp"
#include "preprocessing/decode.hpp"

namespace steelsight {
namespace {

std::uint64_t hash_of(const std::string& text) {
  return content_hash(text.data(), text.size());
}

// A hash of everything that a plain image's features depend on besides the image.
std::uint64_t network_key(const Backend& backend, const FeatureNetwork& network) {
  std::string key = decoder_versions() + backend.description() + to_json(network.spec).dump() +
                    to_json(network.preprocessing).dump();
  key += fingerprint(network.parameters);
  return hash_of(key);
}

std::uint64_t view_key(const ExtractionOptions& options, std::size_t view) {
  if (view == 0) return 0;
  return hash_of(to_json(options.augmentation).dump() + std::to_string(options.seed) + "/" +
                 std::to_string(view));
}

class Extraction {
 public:
  Extraction(Backend& backend, FeatureNetwork network, const std::vector<fs::path>& paths,
             const ExtractionOptions& options, Console& console)
      : backend_(backend),
        untimed_(backend),
        network_(std::move(network)),
        paths_(paths),
        options_(options),
        shape_(resolve(network_.spec).back().output),
        cache_(options.cache.empty() ? default_cache() : options.cache,
               to_hex(network_key(backend, network_)),
               static_cast<std::size_t>(element_count(shape_)),
               [&options, &console](const std::string& reason) {
                 console.warning(reason +
                                 "; features are held in memory, and the next run computes them "
                                 "again; name another folder: --set " +
                                 options.cache_option + "=FOLDER");
               }) {
    for (const fs::path& path : paths) {
      try {
        hashes_.push_back(content_hash(path));
      } catch (const FileError& error) {
        errors_.emplace(hashes_.size(), error.what());
        hashes_.push_back(0);
      }
    }
  }

  Features run(Console& console) {
    std::vector<std::vector<std::size_t>> missing;
    std::size_t total = 0;
    for (std::size_t view = 0; view < options_.views; ++view) {
      missing.push_back(missing_in(view));
      total += missing.back().size();
    }
    if (total > 0) compute(missing, total, console);
    return collect();
  }

 private:
  FeatureCache::Key key(std::size_t image, std::size_t view) const {
    return {hashes_[image], view_key(options_, view)};
  }

  // The images whose rows are missing. Only the first of files with the same content is listed.
  std::vector<std::size_t> missing_in(std::size_t view) const {
    std::vector<std::size_t> images;
    std::set<std::uint64_t> seen;
    for (std::size_t image = 0; image < paths_.size(); ++image)
      if (!errors_.contains(image) && !cache_.contains(key(image, view)) &&
          seen.insert(hashes_[image]).second)
        images.push_back(image);
    return images;
  }

  void compute(const std::vector<std::vector<std::size_t>>& missing, std::size_t total,
               Console& console) {
    InferenceNetwork program(backend_, network_.spec, std::move(network_.parameters),
                             {.batch_size = options_.batch_size});
    console.start("computing features", total);
    std::size_t done = 0;
    for (std::size_t view = 0; view < options_.views; ++view) {
      Loader loader(paths_, network_.preprocessing,
                    {.batch_size = static_cast<std::size_t>(options_.batch_size),
                     .threads = options_.loader_threads,
                     .view = view_of(options_.augmentation, options_.seed, view)});
      loader.start(missing[view], Random(0));
      while (const std::optional<Batch> batch = loader.next()) {
        console.throw_if_stopped("computing features");
        keep(*batch, view, program);
        console.update(done += batch->items.size());
      }
    }
    console.finish();
  }

  void keep(const Batch& batch, std::size_t view, InferenceNetwork& program) {
    const std::size_t count = batch.items.size();
    const auto floats = static_cast<std::size_t>(element_count(shape_));
    rows_.resize(count * floats);
    program.run(batch.planes, static_cast<std::int64_t>(count), rows_);
    for (std::size_t i = 0; i < count; ++i) {
      if (batch.errors[i].empty())
        cache_.append(key(batch.items[i], view), {rows_.data() + i * floats, floats});
      else
        errors_.emplace(batch.items[i], batch.errors[i]);
    }
  }

  Features collect() {
    FeatureCache::Mapping mapping = cache_.map();
    Features features{.shape = shape_,
                      .views = options_.views,
                      .rows = {},
                      .errors = {},
                      .memory = std::move(mapping.memory),
                      .hashes = hashes_};
    for (std::size_t image = 0; image < paths_.size(); ++image)
      for (std::size_t view = 0; view < options_.views; ++view) {
        const auto row = mapping.rows.find(key(image, view));
        features.rows.push_back(row == mapping.rows.end() ? nullptr : row->second);
        if (features.rows.back() == nullptr) features.errors.emplace(image, error_of(image));
      }
    return features;
  }

  // A copy of a broken file was not tried: it has the error of the first.
  std::string error_of(std::size_t image) const {
    for (const auto& [other, error] : errors_)
      if (other == image || hashes_[other] == hashes_[image]) return error;
    return "can't be read";
  }

  Backend& backend_;
  const Backend::Untimed untimed_;  // what is kept in the cache
  FeatureNetwork network_;
  const std::vector<fs::path>& paths_;
  const ExtractionOptions& options_;
  const Shape shape_;
  FeatureCache cache_;
  std::vector<std::uint64_t> hashes_;
  std::map<std::size_t, std::string> errors_;
  std::vector<float> rows_;
};

}  // namespace

View view_of(const Augmentation& augmentation, std::uint64_t seed, std::size_t view) {
  return {.augmentation = view == 0 ? Augmentation::none() : augmentation,
          .random = Random(seed).child(seed_tag::kViews).child(view)};
}

Features extract_features(Backend& backend, FeatureNetwork network,
                          const std::vector<fs::path>& paths, const ExtractionOptions& options,
                          Console& console) {
  return Extraction(backend, std::move(network), paths, options, console).run(console);
}

}  // namespace steelsight
