#include "models/resnet.hpp"

#include <array>

#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr std::array<int, 4> kResnetBlocks{3, 4, 6, 3};
constexpr std::int64_t kExpansion = 4;

class Writer {
 public:
  explicit Writer(const ResnetOptions& options) : options_(options), spec_{options.input, {}} {}

  NetworkSpec write() {
    convolve("conv1", "bn1", {.out = options_.width, .kernel = 7, .stride = 2, .pad = 3});
    add({.type = LayerType::activation, .name = "relu"});
    add({.type = LayerType::maxpool, .name = "maxpool", .kernel = 3, .stride = 2, .pad = 1});
    std::int64_t width = options_.width;
    for (std::size_t stage = 0; stage < kResnetBlocks.size(); ++stage, width *= 2)
      for (int b = 0; b < kResnetBlocks[stage]; ++b)
        block("layer" + std::to_string(stage + 1) + "." + std::to_string(b) + ".", width, b == 0,
              b == 0 && stage > 0 ? 2 : 1);
    add({.type = LayerType::global_avgpool, .name = "avgpool"});
    add({.type = LayerType::dense, .name = "fc", .out = options_.classes});
    return std::move(spec_);
  }

 private:
  struct Convolution {
    std::vector<std::string> inputs = {};
    std::int64_t out = 0, kernel = 1, stride = 1, pad = 0;
  };

  void add(LayerSpec layer) { spec_.layers.push_back(std::move(layer)); }
  std::string last() const { return spec_.layers.back().name; }

  // Gives the name of what comes out: the convolution's, or that of its batch norm.
  std::string convolve(const std::string& name, const std::string& norm, const Convolution& c) {
    add({.type = LayerType::conv,
         .name = name,
         .inputs = c.inputs,
         .out = c.out,
         .kernel = c.kernel,
         .stride = c.stride,
         .pad = c.pad,
         .bias = !options_.batch_norm});
    if (options_.batch_norm) add({.type = LayerType::batchnorm, .name = norm});
    return last();
  }

  void relu(const std::string& name) { add({.type = LayerType::activation, .name = name}); }

  // 1x1 down to `width` channels, 3x3, 1x1 up to four times as many; plus the way around.
  void block(const std::string& name, std::int64_t width, bool widens, std::int64_t stride) {
    const std::string from = last();
    const std::int64_t in_1x1 = options_.stride_in_first ? stride : 1;
    convolve(name + "conv1", name + "bn1", {.inputs = {from}, .out = width, .stride = in_1x1});
    relu(name + "relu1");
    convolve(name + "conv2", name + "bn2",
             {.out = width, .kernel = 3, .stride = stride / in_1x1, .pad = 1});
    relu(name + "relu2");
    const std::string through = convolve(name + "conv3", name + "bn3", {.out = width * kExpansion});
    std::string around = from;
    if (widens)
      around = convolve(name + "downsample.0", name + "downsample.1",
                        {.inputs = {from}, .out = width * kExpansion, .stride = stride});
    add({.type = LayerType::add, .name = name + "add", .inputs = {through, around}});
    relu(name + "relu3");
  }

  const ResnetOptions& options_;
  NetworkSpec spec_;
};

}  // namespace

NetworkSpec resnet50(const ResnetOptions& options) {
  if (options.classes < 2)
    throw ModelError("a classifier of " + std::to_string(options.classes) +
                     " classes, expected 2 or more");
  return Writer(options).write();
}

}  // namespace steelsight
