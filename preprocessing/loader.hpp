#pragma once
// Decodes batches of images ahead of the network, on threads of its own, in bounded memory.
//
//   Loader loader(paths, preprocessing, {.batch_size = 32, .augmentation = augmentation});
//   for (int epoch = 0; epoch < epochs; ++epoch) {
//     loader.start(shuffled, random.child(epoch));
//     while (std::optional<Batch> batch = loader.next()) train(*batch);
//   }
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/filesystem.hpp"
#include "core/random.hpp"
#include "preprocessing/augmentation.hpp"
#include "preprocessing/image_header.hpp"
#include "preprocessing/preprocessing.hpp"

namespace steelsight {

// One of the ways in which the same files can be shown: each is augmented with
// random.child(content_hash), so that it comes out the same wherever and whenever it is read.
struct View {
  Augmentation augmentation = Augmentation::none();
  Random random{0};
};

struct LoaderOptions {
  std::size_t batch_size = 32;
  std::size_t threads = 1;
  // How many batches are decoded, or being decoded, before they are asked for: the bound of memory,
  // and of the threads that have work.
  std::size_t batches_ahead = 2;
  ImageLimits limits = {};
  View view = {};  // the same in every pass
  Augmentation augmentation =
      Augmentation::none();  // after it, drawn anew for each place of a pass
};

struct Batch {
  std::vector<std::size_t> items;     // positions in the paths, in the order of the pass
  std::vector<float> planes;          // items.size() x C x H x W
  std::vector<std::string> errors;    // one for each item; empty: fine; otherwise its planes are 0
  std::vector<std::uint64_t> hashes;  // content_hash of each file, 0 if it couldn't be read
};

// One thread uses a Loader; batches come out the same, bit for bit, whatever `threads` is. Images
// are resized, then augmented. Several threads may each have a Loader.
class Loader {
 public:
  // Throws std::invalid_argument for a batch size, threads or batches_ahead of 0, ConfigError for a
  // bad preprocessing or augmentation.
  Loader(std::vector<fs::path> paths, Preprocessing preprocessing, LoaderOptions options);
  ~Loader() { stop(); }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Begins a pass over the paths at these positions, ending one that runs. A position may appear
  // more than once: the image at place i of the order is augmented with random.child(i).
  // Where no thread can be started, next() does their work. Throws std::out_of_range if there is no
  // such path.
  void start(std::vector<std::size_t> order, Random random);

  // The next batch, the last one possibly shorter; nothing at the end of the pass or without one.
  // A broken image is an error string; what is no image's fault (std::bad_alloc, ResourceError) is
  // thrown here, at the batch it happened in, and again at each further call.
  std::optional<Batch> next();

  // Ends the pass, waiting for at most one image a thread.
  void stop();

 private:
  std::size_t batch_count() const;
  void work(const std::stop_token& stopped);
  Batch load_batch(std::size_t index, const std::stop_token& stopped) const;
  void load_image(std::size_t place, std::size_t row, Batch& batch) const;

  const std::vector<fs::path> paths_;
  const Preprocessing preprocessing_;
  const LoaderOptions options_;

  // Set by start() while no thread runs.
  std::vector<std::size_t> order_;
  Random random_{0};

  std::mutex mutex_;  // guards the following
  std::condition_variable_any changed_;
  std::size_t claimed_ = 0;    // batches that a thread has begun
  std::size_t delivered_ = 0;  // batches that next() gave
  std::map<std::size_t, Batch> ready_;
  // The first batch that failed, and how. Nothing to allocate, as memory may be what lacks.
  static constexpr std::size_t kNoBatch = std::numeric_limits<std::size_t>::max();
  std::size_t failed_at_ = kNoBatch;
  std::exception_ptr failure_;

  std::vector<std::jthread> workers_;  // last: ends before what it uses
};

}  // namespace steelsight
