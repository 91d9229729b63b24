#include <algorithm>
#include <limits>

#include "models/onednn/integer.hpp"

namespace steelsight::onednn {
namespace {

struct Pooling {
  std::int64_t channels, height, width, out_height, out_width;
  std::int64_t kernel, stride, pad;
};

// One row of one image: src H,W,C; dst W',C.
template <class Integer>
void pool_row(const Pooling& p, const Integer* src, std::int64_t out_y, Integer* dst) {
  std::fill_n(dst, p.out_width * p.channels, std::numeric_limits<Integer>::lowest());
  const std::int64_t top = out_y * p.stride - p.pad;
  for (std::int64_t out_x = 0; out_x < p.out_width; ++out_x, dst += p.channels) {
    const std::int64_t left = out_x * p.stride - p.pad;
    const std::int64_t bottom = std::min(top + p.kernel, p.height);
    const std::int64_t right = std::min(left + p.kernel, p.width);
    for (std::int64_t y = std::max<std::int64_t>(top, 0); y < bottom; ++y)
      for (std::int64_t x = std::max<std::int64_t>(left, 0); x < right; ++x) {
        const Integer* pixel = src + (y * p.width + x) * p.channels;
#pragma omp simd
        for (std::int64_t c = 0; c < p.channels; ++c) dst[c] = std::max(dst[c], pixel[c]);
      }
  }
}

template <class Integer>
void pool_images(const Pooling& p, std::int64_t images, const void* src, void* dst) {
  const auto* from = static_cast<const Integer*>(src);
  auto* to = static_cast<Integer*>(dst);
#pragma omp parallel for
  for (std::int64_t row = 0; row < images * p.out_height; ++row)
    pool_row(p, from + row / p.out_height * p.height * p.width * p.channels, row % p.out_height,
             to + row * p.out_width * p.channels);
}

}  // namespace

Value build_integer_max_pool(Builder& builder, const LayerSpec& layer, const Value& given) {
  const Dims in = dims_of(given.desc());
  const auto type = type_of(given.desc());
  constexpr auto kChannelsLast = dnnl::memory::format_tag::nhwc;
  const Pooling pooling{.channels = in[1],
                        .height = in[2],
                        .width = in[3],
                        .out_height = window_output(layer, in[2]),
                        .out_width = window_output(layer, in[3]),
                        .kernel = layer.kernel,
                        .stride = stride_of(layer),
                        .pad = layer.pad};
  const Value src = builder.reorder(given, {in, type, kChannelsLast});
  Value dst = builder.allocate(
      {{in[0], in[1], pooling.out_height, pooling.out_width}, type, kChannelsLast});
  dst.range = src.range;
  const auto pool =
      type == dnnl::memory::data_type::u8 ? pool_images<std::uint8_t> : pool_images<std::int8_t>;
  builder.add_loop([=, images = in[0], from = src.memory, to = dst.memory] {
    pool(pooling, images, from.get_data_handle(), to.get_data_handle());
  });
  return dst;
}

}  // namespace steelsight::onednn
