#include "models/onednn/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>

namespace steelsight::onednn {
namespace {

constexpr std::size_t kAlignment = 64;  // a cache line, an AVX-512 register
constexpr std::size_t kHugePage = std::size_t{1} << 21;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

bool meet(const Life& one, const Life& other) {
  return one.first < other.end && other.first < one.end;
}

}  // namespace

void Block::move_to(void* bytes) {
  for (dnnl::memory& view : views) view.set_data_handle(bytes);
}

// In huge pages where there are any: a machine that is itself virtual takes longer to hand out 512
// small pages than to transform the weights that they are for.
std::shared_ptr<void> aligned_buffer(std::size_t bytes) {
  const std::align_val_t alignment{bytes < kHugePage ? kAlignment : kHugePage};
  void* data = ::operator new(bytes, alignment);
  if (bytes >= kHugePage) ::madvise(data, bytes, MADV_HUGEPAGE);  // advice: may fail
  return {data, [alignment](void* p) { ::operator delete(p, alignment); }};
}

Value Arena::allocate(const Desc& desc, const dnnl::engine& engine, std::size_t first) {
  const dnnl::memory memory(desc, engine, DNNL_MEMORY_NONE);
  const auto block = std::make_shared<Block>(
      Block{.life = {.bytes = rounded_up(desc.get_size()), .first = first}, .views = {memory}});
  blocks_.push_back(block);
  // A claim knows the block and the clock, not the arena, which may have been moved.
  const auto end_life = [block, now = now_](Block*) { block->life.end = *now; };
  return {memory, std::shared_ptr<Block>(block.get(), end_life)};
}

Value Arena::view(const Value& value, const Desc& desc, const dnnl::engine& engine) {
  const dnnl::memory memory(desc, engine, value.memory.get_data_handle());
  if (value.block) value.block->views.push_back(memory);
  return {memory, value.block, value.range};
}

std::shared_ptr<Block> Arena::take(const Value& value) {
  value.block->moves = true;
  return *std::ranges::find(blocks_, value.block.get(), &std::shared_ptr<Block>::get);
}

void Arena::place() {
  std::erase_if(blocks_, [](const auto& block) { return block->moves; });
  std::vector<Life> lives;
  for (const auto& block : blocks_) lives.push_back(block->life);
  const std::vector<std::size_t> offsets = assign_offsets(lives);
  for (std::size_t i = 0; i < lives.size(); ++i)
    bytes_ = std::max(bytes_, offsets[i] + lives[i].bytes);
  buffer_ = aligned_buffer(bytes_);
  std::memset(buffer_.get(), 0, bytes_);  // images that a short batch doesn't have are read, too
  for (std::size_t i = 0; i < lives.size(); ++i)
    blocks_[i]->move_to(static_cast<std::byte*>(buffer_.get()) + offsets[i]);
  blocks_.clear();
}

// Largest first, each at the lowest place that is free all its life: close to the best there is
// for networks (Pisarchyk and Lee, https://arxiv.org/abs/2001.03288, "greedy by size").
std::vector<std::size_t> assign_offsets(const std::vector<Life>& lives) {
  std::vector<std::size_t> order(lives.size()), offsets(lives.size(), 0), placed;
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return lives[i].bytes; });
  const auto offset_of = [&](std::size_t i) { return offsets[i]; };
  for (const std::size_t i : order) {
    for (const std::size_t other : placed) {  // from low to high
      if (!meet(lives[i], lives[other])) continue;
      if (offsets[i] + lives[i].bytes <= offsets[other]) break;
      offsets[i] = std::max(offsets[i], offsets[other] + lives[other].bytes);
    }
    placed.insert(std::ranges::upper_bound(placed, offsets[i], {}, offset_of), i);
  }
  return offsets;
}

}  // namespace steelsight::onednn
