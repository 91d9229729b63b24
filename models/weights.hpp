#pragma once
// Weights that another program wrote, brought into our names and layouts.
//
//   safetensors  torchvision's and timm's VGG16 ("features.0.weight", "classifier.0.weight"; with
//                and without batch norm) and ResNet-50 ("layer1.0.conv1.weight"), and our own names
//   HDF5         Keras' VGG16 (models/keras_file.hpp), also as a layer of another model
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "models/resnet.hpp"
#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

// How images must be prepared for the weights.
enum class WeightsConvention {
  unknown,
  torchvision,  // RGB, 0 to 1, ImageNet's mean and deviation
  keras_caffe,  // BGR, 0 to 255, ImageNet's mean subtracted
};

struct ImportedWeights {
  TensorMap parameters;               // by our names, in our layouts; a part of the spec's
  std::vector<std::string> matched;   // our names
  std::vector<std::string> left_out;  // the file's names, with the reason
  std::vector<std::string> fresh;     // our names that the file has nothing for: to be initialised
  WeightsConvention convention = WeightsConvention::unknown;
};

// A last dense layer of another number of classes is left out, and the network's end may be missing
// in the file. Anything else is a ModelError that names the tensor: a shape that doesn't fit, a
// gap, two tensors for one place; as is a file that matches nothing.
ImportedWeights import_weights(const fs::path& file, const NetworkSpec& spec);

// Which ResNet-50 a safetensors file holds: without batch-norm tensors they are folded; the stride
// is where its metadata's "stride" says ("in the first 1x1 ..."), otherwise where torchvision has
// it. Classes, input and width stay at their defaults. Throws ModelError.
ResnetOptions resnet_variant(const fs::path& file);

}  // namespace steelsight
