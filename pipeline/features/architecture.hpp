#pragma once
// The networks that `train --arch` knows, each with the preprocessing it wants.
#include <cstdint>
#include <string>

#include "models/spec.hpp"
#include "models/tensor.hpp"
#include "models/zoo.hpp"
#include "preprocessing/preprocessing.hpp"

namespace steelsight {

struct ArchitectureOptions {
  std::int64_t classes = 2;  // 0: the architecture's own: ImageNet's 1000, or the SPEC.json's
  int input_size = 0;        // side in pixels; 0: the architecture's own
  double width = 0.25;       // vgg16-slim: share of VGG16's channels
  double dropout = 0.2;      // vgg16-slim: before the last layer
  std::string weights = {};  // resnet50: the file whose variant of the network is wanted
};

struct Architecture {
  NetworkSpec spec;
  Preprocessing preprocessing;
};

// name: vgg16, vgg16-bn, vgg16-slim, resnet50, or the path of a SPEC.json (models/spec.hpp) whose
// last layer has one output for each class; one with three input channels gets torchvision's RGB
// convention, one with a single channel gray. Throws ConfigError, ModelError.
Architecture make_architecture(const std::string& name, const ArchitectureOptions& options);

// The networks that read rows of a table. name: mlp, or the path of a SPEC.json whose input is one
// number of features, options.features, and whose last layer has one output for each class. Throws
// ConfigError, ModelError.
NetworkSpec make_table_network(const std::string& name, const MlpOptions& options);

struct WeightsForArchitecture {
  TensorMap parameters;         // parameters of the architecture's spec that the file has
  Preprocessing preprocessing;  // the architecture's sizes, the convention of the weights
  std::string note;             // a sentence for the user: what was taken, left out, and lacking
};

// The tensors of a weights file (models/weights.hpp) for a network that reads images. lacking: what
// the note says of parameters that the file has nothing for, "freshly initialised". Throws
// ModelError.
WeightsForArchitecture weights_for(const Architecture& architecture, const std::string& file,
                                   const std::string& lacking);

}  // namespace steelsight
