#include "pipeline/features/features.hpp"

#include <algorithm>
#include <stdexcept>

namespace steelsight {

std::span<const float> Features::row(std::size_t example, std::size_t view) const {
  const float* first = rows.at(example * views + view);
  if (first == nullptr) return {};
  return {first, row_floats()};
}

Features Features::select(const std::vector<std::size_t>& examples) const {
  Features chosen{.shape = shape, .views = views, .rows = {}, .errors = {}, .memory = memory};
  for (const std::size_t example : examples) {
    if (const auto error = errors.find(example); error != errors.end())
      chosen.errors.emplace(chosen.size(), error->second);
    for (std::size_t view = 0; view < views; ++view)
      chosen.rows.push_back(rows.at(example * views + view));
    if (!hashes.empty()) chosen.hashes.push_back(hashes.at(example));
  }
  return chosen;
}

Features make_features(const Shape& shape, std::vector<float> values) {
  const auto floats = static_cast<std::size_t>(element_count(shape));
  if (floats == 0 || values.size() % floats != 0)
    throw std::invalid_argument(std::to_string(values.size()) + " values are not rows of " +
                                to_string(shape));
  auto memory = std::make_shared<const std::vector<float>>(std::move(values));
  Features features{.shape = shape, .views = 1, .rows = {}, .errors = {}, .memory = memory};
  for (std::size_t at = 0; at < memory->size(); at += floats)
    features.rows.push_back(memory->data() + at);
  return features;
}

FeatureSource::FeatureSource(Features features, std::size_t batch_size)
    : features_(std::move(features)), batch_size_(batch_size) {}

void FeatureSource::start(std::vector<std::size_t> order, Random random) {
  order_ = std::move(order);
  random_ = random;
  done_ = 0;
}

std::optional<Batch> FeatureSource::next() {
  const std::size_t count = std::min(batch_size_, order_.size() - done_);
  if (count == 0) return std::nullopt;
  const std::size_t floats = features_.row_floats();
  Batch batch;
  batch.planes.resize(count * floats);
  batch.errors.resize(count);
  batch.hashes.resize(count);
  for (std::size_t i = 0; i < count; ++i, ++done_) {
    const std::size_t example = order_[done_];
    const std::size_t view = features_.views == 1 ? 0 : random_.child(done_).below(features_.views);
    batch.items.push_back(example);
    if (!features_.hashes.empty()) batch.hashes[i] = features_.hashes[example];
    if (const auto error = features_.errors.find(example); error != features_.errors.end())
      batch.errors[i] = error->second;
    else
      std::ranges::copy(features_.row(example, view),
                        batch.planes.begin() + static_cast<std::ptrdiff_t>(i * floats));
  }
  return batch;
}

}  // namespace steelsight
