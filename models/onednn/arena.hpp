#pragma once
// Where the values of a program lie. Steps run in the order they are built, so values whose lives
// don't overlap can share memory: while a program is being built its values have none, and place()
// then gives each its share of one allocation.
#include <limits>
#include <memory>
#include <vector>

#include "models/onednn/api.hpp"
#include "models/quantization.hpp"

namespace steelsight::onednn {

// A value lives from step `first` on, up to but without step `end`.
struct Life {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t end = std::numeric_limits<std::size_t>::max();
};

// A value's bytes, and whatever shows them, in whatever shape.
struct Block {
  Life life;
  std::vector<dnnl::memory> views;
  bool moves = false;  // its handles are set by whoever runs the program, not by the arena

  void move_to(void* bytes);
};

// A dnnl::memory, and its claim on the arena's block below it (memory from elsewhere has none).
// When the last copy of a value is gone while the program is being built, later steps can have its
// bytes.
struct Value {
  dnnl::memory memory;
  std::shared_ptr<Block> block = {};
  IntegerRange range = {};  // what its integers stand for; a step of 0: it holds floats

  Desc desc() const { return memory.get_desc(); }
  explicit operator bool() const { return static_cast<bool>(memory); }
};

// Uninitialised, aligned for any kernel.
std::shared_ptr<void> aligned_buffer(std::size_t bytes);

class Arena {
 public:
  // A value that lives from step `first` on.
  Value allocate(const Desc& desc, const dnnl::engine& engine, std::size_t first);
  // The same bytes in another shape.
  static Value view(const Value& value, const Desc& desc, const dnnl::engine& engine);
  // Takes the value's bytes out of the arena: from now on the caller moves them.
  std::shared_ptr<Block> take(const Value& value);

  // The number of steps so far.
  std::size_t now() const { return *now_; }
  void advance() { ++*now_; }

  // Once, when the program is complete.
  void place();
  std::size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<std::size_t> now_ = std::make_shared<std::size_t>(0);
  std::vector<std::shared_ptr<Block>> blocks_;
  std::shared_ptr<void> buffer_;
  std::size_t bytes_ = 0;
};

// Where each life's bytes begin, so that lives that overlap in time don't overlap in space.
std::vector<std::size_t> assign_offsets(const std::vector<Life>& lives);

}  // namespace steelsight::onednn
