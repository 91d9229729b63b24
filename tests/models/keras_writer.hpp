#pragma once
// Writes HDF5 files as Keras does, and what a damaged or hostile one is made of.
#include <H5Cpp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/keras_file.hpp"

namespace steelsight {

// A list of texts of fixed size.
inline void write_names(const H5::H5Object& object, const std::string& attribute,
                        const std::vector<std::string>& names) {
  std::size_t longest = 1;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  const H5::StrType type(H5::PredType::C_S1, longest);
  const hsize_t count = names.size();
  std::string buffer;
  for (std::string name : names) {
    name.resize(longest, '\0');
    buffer += name;
  }
  object.createAttribute(attribute, type, H5::DataSpace(1, &count)).write(type, buffer.data());
}

inline H5::DataSpace space_of(const std::vector<std::int64_t>& shape) {
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return {static_cast<int>(sizes.size()), sizes.data()};
}

// A layer's group with its tensors, "kernel:0" or, in groups below it, "c/kernel:0".
inline H5::Group write_layer(const H5::Group& root, const KerasLayer& layer) {
  H5::Group group = root.createGroup(layer.name);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : layer.weights) {
    names.push_back(name);
    const std::string below = name.substr(0, name.rfind('/'));
    if (below != name && !group.nameExists(below)) group.createGroup(below);
    group.createDataSet(name, H5::PredType::IEEE_F32LE, space_of(tensor.shape))
        .write(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
  }
  write_names(group, "weight_names", names);
  return group;
}

inline void write_keras_file(const fs::path& file, const std::vector<KerasLayer>& layers) {
  const H5::H5File content(file.string(), H5F_ACC_TRUNC);
  const H5::Group root = content.openGroup("/");
  std::vector<std::string> names;
  for (const KerasLayer& layer : layers) {
    names.push_back(layer.name);
    write_layer(root, layer);
  }
  write_names(root, "layer_names", names);
}

}  // namespace steelsight
