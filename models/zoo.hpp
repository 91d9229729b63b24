#pragma once
// Known networks as functions that return a spec.
//
// VGG16: K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image
// recognition", ICLR 2015, configuration D. Layers are named as in Keras: block1_conv1 ...
// block5_pool, fc1, fc2, predictions.
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec.hpp"

namespace steelsight {

struct VggOptions {
  std::int64_t classes = 1000;
  bool top = true;          // false: ends at block5_pool
  bool batch_norm = false;  // after every convolution, which then has no bias
  Shape input = {3, 224, 224};
};

// 138.36 M parameters with its top and 1000 classes, 14.71 M without.
NetworkSpec vgg16(const VggOptions& options);

struct SlimOptions {
  std::int64_t classes = 6;
  double width = 0.25;  // share of VGG16's channels, rounded to whole ones
  Shape input = {1, 112, 112};
  float dropout = 0.2f;  // before the last layer
};

// VGG16's trunk with batch norm and fewer channels; global average pooling and one dense layer
// instead of VGG16's three: trains from scratch on a laptop.
NetworkSpec vgg16_slim(const SlimOptions& options);

struct MlpOptions {
  std::int64_t features = 1;
  std::int64_t classes = 2;
  std::vector<std::int64_t> hidden = {16};  // units of each hidden layer; none: softmax regression
  std::string activation = "relu";          // behind each of them, by its name in a spec
};

// A multi-layer perceptron on rows of numbers: dense layers hidden1, hidden2, ... and predictions.
// Throws ConfigError for a layer type that is no activation, ModelError for sizes out of range.
NetworkSpec mlp(const MlpOptions& options);

}  // namespace steelsight
