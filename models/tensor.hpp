#pragma once
// A dense array of numbers in host memory: what weights, gradients and optimiser state are between
// files and the backend.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace steelsight {

// A vector of floats, whose values may lie in a mapped file (core/file_reader.hpp) until it grows.
class Values {
 public:
  using value_type = float;

  Values() = default;
  Values(std::initializer_list<float> values) : own_(values) {}
  Values(std::vector<float> values) : own_(std::move(values)) {}  // NOLINT: as good as a vector
  // `size` values, kept alive by `mapped`, of which there is no other copy that is used.
  Values(std::shared_ptr<float> mapped, std::size_t size)
      : mapped_(std::move(mapped)), mapped_size_(size) {}

  // A copy of mapped values is not mapped: what is written to one isn't seen in the other.
  Values(const Values& other) : own_(other.begin(), other.end()) {}
  Values(Values&& other) noexcept { swap(other); }
  Values& operator=(Values other) noexcept {
    swap(other);
    return *this;
  }
  ~Values() = default;

  bool is_mapped() const { return mapped_ != nullptr; }
  std::size_t size() const { return is_mapped() ? mapped_size_ : own_.size(); }
  bool empty() const { return size() == 0; }
  float* data() { return is_mapped() ? mapped_.get() : own_.data(); }
  const float* data() const { return is_mapped() ? mapped_.get() : own_.data(); }
  float* begin() { return data(); }
  float* end() { return data() + size(); }
  const float* begin() const { return data(); }
  const float* end() const { return data() + size(); }
  float& operator[](std::size_t i) { return data()[i]; }
  float operator[](std::size_t i) const { return data()[i]; }
  float front() const { return data()[0]; }
  float back() const { return data()[size() - 1]; }
  bool operator==(const Values& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

  // The values as a vector, which may grow; they are mapped no more.
  std::vector<float>& own();
  void push_back(float value) { own().push_back(value); }
  void resize(std::size_t size) { own().resize(size); }

 private:
  void swap(Values& other) noexcept {
    own_.swap(other.own_);
    mapped_.swap(other.mapped_);
    std::swap(mapped_size_, other.mapped_size_);
  }

  std::vector<float> own_;
  std::shared_ptr<float> mapped_;  // nothing: the values are own_
  std::size_t mapped_size_ = 0;
};

// f32, row-major: the last dimension is contiguous. An empty shape is a scalar (one value).
// Invariant kept by its makers: values.size() == element_count(shape).
struct Tensor {
  std::vector<std::int64_t> shape;
  Values values;
};

using TensorMap = std::map<std::string, Tensor>;

// The product of the dimensions; 1 for a scalar, 0 if a dimension is 0. Throws ModelError if a
// dimension is negative or the bytes (4 a value) of those that are not 0 would overflow 63 bits.
std::int64_t element_count(const std::vector<std::int64_t>& shape);

// "64x3x3x3"; "scalar" for an empty shape.
std::string to_string(const std::vector<std::int64_t>& shape);

// Each tensor's name and the content hash of its values, in the order of the names: what tells
// weights apart.
std::string fingerprint(const TensorMap& tensors);

}  // namespace steelsight
