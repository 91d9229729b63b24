#include "preprocessing/loader.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "core/content_hash.hpp"
#include "core/error.hpp"
#include "preprocessing/decode.hpp"

namespace steelsight {

Loader::Loader(std::vector<fs::path> paths, Preprocessing preprocessing, LoaderOptions options)
    : paths_(std::move(paths)), preprocessing_(std::move(preprocessing)), options_(options) {
  if (options_.batch_size == 0 || options_.threads == 0 || options_.batches_ahead == 0)
    throw std::invalid_argument("Loader: batch_size is " + std::to_string(options_.batch_size) +
                                ", threads " + std::to_string(options_.threads) +
                                ", batches_ahead " + std::to_string(options_.batches_ahead) +
                                "; expected at least 1 of each");
  validate(preprocessing_);
  validate(options_.view.augmentation);
  validate(options_.augmentation);
}

void Loader::start(std::vector<std::size_t> order, Random random) {
  for (const std::size_t item : order)
    if (item >= paths_.size())
      throw std::out_of_range("Loader: position " + std::to_string(item) + ", expected below " +
                              std::to_string(paths_.size()));
  stop();
  order_ = std::move(order);
  random_ = random;
  try {
    for (std::size_t i = 0; i < std::min(options_.threads, batch_count()); ++i)
      workers_.emplace_back([this](const std::stop_token& stopped) { work(stopped); });
  } catch (const std::system_error&) {  // no more threads to be had: those there do the work
  } catch (...) {
    stop();
    throw;
  }
}

std::optional<Batch> Loader::next() {
  std::unique_lock lock(mutex_);
  if (delivered_ == batch_count()) return std::nullopt;
  if (workers_.empty()) {
    Batch batch = load_batch(delivered_, {});
    ++delivered_;
    return batch;
  }
  changed_.wait(lock, [&] { return ready_.contains(delivered_) || failed_at_ == delivered_; });
  if (failed_at_ == delivered_) std::rethrow_exception(failure_);
  Batch batch = std::move(ready_.extract(delivered_).mapped());
  ++delivered_;
  lock.unlock();
  changed_.notify_all();
  return batch;
}

void Loader::stop() {
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
  order_.clear();
  claimed_ = delivered_ = 0;
  ready_.clear();
  failed_at_ = kNoBatch;
  failure_ = nullptr;
}

std::size_t Loader::batch_count() const {
  return (order_.size() + options_.batch_size - 1) / options_.batch_size;
}

void Loader::work(const std::stop_token& stopped) {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool go = changed_.wait(lock, stopped, [&] {
      return claimed_ == batch_count() || claimed_ < delivered_ + options_.batches_ahead;
    });
    if (!go || stopped.stop_requested() || claimed_ == batch_count()) return;
    const std::size_t index = claimed_++;
    lock.unlock();
    try {
      Batch batch = load_batch(index, stopped);
      lock.lock();
      ready_.emplace(index, std::move(batch));
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (index < failed_at_) {
        failed_at_ = index;
        failure_ = std::current_exception();
      }
    }
    changed_.notify_all();
  }
}

Batch Loader::load_batch(std::size_t index, const std::stop_token& stopped) const {
  const std::size_t first = index * options_.batch_size;
  const std::size_t count = std::min(options_.batch_size, order_.size() - first);
  Batch batch;
  batch.items.assign(order_.begin() + static_cast<std::ptrdiff_t>(first),
                     order_.begin() + static_cast<std::ptrdiff_t>(first + count));
  batch.planes.resize(count * preprocessing_.floats());
  batch.errors.resize(count);
  batch.hashes.resize(count);
  for (std::size_t row = 0; row < count && !stopped.stop_requested(); ++row)
    load_image(first + row, row, batch);
  return batch;
}

void Loader::load_image(std::size_t place, std::size_t row, Batch& batch) const {
  const fs::path& path = paths_[batch.items[row]];
  try {
    const std::string bytes = read_image_bytes(path, options_.limits);
    batch.hashes[row] = content_hash(bytes.data(), bytes.size());
    cv::Mat image =
        resize_image(decode_image(bytes, path.string(), options_.limits), preprocessing_);
    const auto& [shown, drawn] = options_.view;
    if (shown != Augmentation::none())
      image = augment(image, shown, drawn.child(batch.hashes[row]));
    if (options_.augmentation != Augmentation::none())
      image = augment(image, options_.augmentation, random_.child(place));
    to_planes(image, preprocessing_, batch.planes.data() + row * preprocessing_.floats());
  } catch (const FileError& error) {  // other errors are no fault of the image
    batch.errors[row] = error.what();
  }
}

}  // namespace steelsight
