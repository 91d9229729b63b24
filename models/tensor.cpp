#include "models/tensor.hpp"

#include <limits>

#include "core/content_hash.hpp"
#include "models/error.hpp"

namespace steelsight {

std::vector<float>& Values::own() {
  if (is_mapped()) {
    own_.assign(begin(), end());
    mapped_.reset();
    mapped_size_ = 0;
  }
  return own_;
}

std::int64_t element_count(const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t kLimit =
      std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(sizeof(float));
  // Dimensions that are 0 are left out: a product of some of the others must not overflow either.
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) throw ModelError("shape " + to_string(shape) + " has a negative dimension");
    empty = empty || dimension == 0;
    if (dimension == 0) continue;
    if (count > kLimit / dimension)
      throw ModelError("shape " + to_string(shape) + " has too many elements, expected at most " +
                       std::to_string(kLimit));
    count *= dimension;
  }
  return empty ? 0 : count;
}

std::string to_string(const std::vector<std::int64_t>& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::int64_t dimension : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(dimension);
  }
  return text;
}

std::string fingerprint(const TensorMap& tensors) {
  std::string all;
  for (const auto& [name, tensor] : tensors)
    all += name + to_hex(content_hash(tensor.values.data(), tensor.values.size() * sizeof(float)));
  return all;
}

}  // namespace steelsight
