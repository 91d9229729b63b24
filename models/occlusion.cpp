#include "models/occlusion.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

namespace steelsight {
namespace {

struct Square {
  std::int64_t top = 0, left = 0, side = 0;
};

// C,H,W. Beyond the edges there is nothing to cover.
void cover(std::span<float> image, const Shape& shape, const Square& square) {
  const std::int64_t height = shape[1], width = shape[2];
  const auto plane_size = static_cast<std::size_t>(height * width);
  for (std::size_t at = 0; at < image.size(); at += plane_size) {
    const std::span<float> plane = image.subspan(at, plane_size);
    const float mean =
        std::accumulate(plane.begin(), plane.end(), 0.0f) / static_cast<float>(plane_size);
    for (std::int64_t y = square.top; y < std::min(square.top + square.side, height); ++y) {
      const auto row = plane.begin() + y * width;
      std::fill(row + square.left, row + std::min(square.left + square.side, width), mean);
    }
  }
}

// Computes an output of many images, a batch at a time.
class Outputs {
 public:
  Outputs(InferenceNetwork& network, int output) : network_(network), output_(output) {
    if (network.input_shape().size() != 3)
      throw std::invalid_argument("occlusion_map: the network does not read images");
    const std::int64_t outputs = element_count(network.output_shape());
    if (output < 0 || output >= outputs)
      throw std::out_of_range("occlusion_map: output " + std::to_string(output) +
                              ", the network has " + std::to_string(outputs));
  }
  void add(std::span<const float> image) {
    batch_.insert(batch_.end(), image.begin(), image.end());
    if (++count_ == network_.batch_size()) run();
  }
  std::vector<float> take() {
    if (count_ > 0) run();
    return std::move(values_);
  }

 private:
  void run() {
    const auto width = static_cast<std::size_t>(element_count(network_.output_shape()));
    std::vector<float> outputs(static_cast<std::size_t>(count_) * width);
    network_.run(batch_, count_, outputs);
    for (std::size_t i = static_cast<std::size_t>(output_); i < outputs.size(); i += width)
      values_.push_back(outputs[i]);
    batch_.clear();
    count_ = 0;
  }

  InferenceNetwork& network_;
  const int output_;
  std::vector<float> batch_;
  std::int64_t count_ = 0;
  std::vector<float> values_;
};

}  // namespace

OcclusionMap occlusion_map(InferenceNetwork& network, std::span<const float> image,
                           const OcclusionOptions& options) {
  Outputs outputs(network, options.output);
  const Shape& shape = network.input_shape();
  if (image.size() != static_cast<std::size_t>(element_count(shape)))
    throw std::invalid_argument("occlusion_map: image has " + std::to_string(image.size()) +
                                " numbers, expected " + to_string(shape));
  if (options.patch < 0)
    throw std::invalid_argument("occlusion_map: patch is " + std::to_string(options.patch) +
                                " pixels, expected 0 or more");
  const std::int64_t side = options.patch > 0
                                ? options.patch
                                : std::max<std::int64_t>(std::max(shape[1], shape[2]) / 8, 1);
  const std::int64_t step = std::max<std::int64_t>(side / 2, 1);
  OcclusionMap map{.height = (shape[1] + step - 1) / step, .width = (shape[2] + step - 1) / step};
  outputs.add(image);
  for (std::int64_t y = 0; y < map.height; ++y)
    for (std::int64_t x = 0; x < map.width; ++x) {
      std::vector<float> covered(image.begin(), image.end());
      // Around the middle of the map's cell.
      const std::int64_t inset = (side - step) / 2;
      cover(covered, shape,
            {.top = std::max<std::int64_t>(y * step - inset, 0),
             .left = std::max<std::int64_t>(x * step - inset, 0),
             .side = side});
      outputs.add(covered);
    }
  const std::vector<float> values = outputs.take();
  for (std::size_t i = 1; i < values.size(); ++i)
    map.values.push_back(std::max(values[0] - values[i], 0.0f));
  return map;
}

}  // namespace steelsight
