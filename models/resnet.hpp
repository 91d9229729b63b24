#pragma once
// ResNet-50 as a function that returns a spec: K. He et al., "Deep residual learning for image
// recognition", CVPR 2016. Layers are named as torchvision names their parameters
// ("layer1.0.conv1", "fc"), the sums and rectifiers of a block "layer1.0.add" and "layer1.0.relu1"
// to ".relu3": the last layer of a stage, its output, is "layer1.2.relu3".
#include <cstdint>

#include "models/spec.hpp"

namespace steelsight {

struct ResnetOptions {
  std::int64_t classes = 1000;
  // Where a stage's first block halves the size: in its 3x3 convolution (torchvision, "v1.5"), or
  // in its first 1x1, as in the paper.
  bool stride_in_first = false;
  bool batch_norm = true;  // false: folded into the convolutions, which then have a bias
  Shape input = {3, 224, 224};
  std::int64_t width = 64;  // channels of the first stage's inner convolutions; ResNet-50 has 64
};

// 25.56 M parameters with 1000 classes.
NetworkSpec resnet50(const ResnetOptions& options);

}  // namespace steelsight
