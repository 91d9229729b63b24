#include "models/keras_file.hpp"

#include <H5Cpp.h>

#include <array>
#include <fstream>

#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr int kMaxDimensions = 8;
constexpr hsize_t kMaxNames = 100000;

// The texts of an attribute: fixed-size strings, or variable ones.
std::vector<std::string> read_names(const H5::H5Object& object, const std::string& attribute) {
  if (!object.attrExists(attribute)) return {};
  const H5::Attribute found = object.openAttribute(attribute);
  const H5::DataSpace space = found.getSpace();
  const hssize_t count = space.getSimpleExtentNpoints();
  if (count < 0 || static_cast<hsize_t>(count) > kMaxNames)
    throw ModelError("attribute '" + attribute + "' has " + std::to_string(count) + " names");
  const H5::StrType type = found.getStrType();
  std::vector<std::string> names;
  if (found.getDataType().isVariableStr()) {
    std::vector<char*> texts(static_cast<std::size_t>(count), nullptr);
    found.read(type, texts.data());
    for (const char* text : texts) names.emplace_back(text == nullptr ? "" : text);
    H5::DataSet::vlenReclaim(texts.data(), type, space);
    return names;
  }
  const std::size_t size = type.getSize();
  if (size > kMaxNames)
    throw ModelError("attribute '" + attribute + "' has texts that are too long");
  std::string buffer(size * static_cast<std::size_t>(count), '\0');
  if (count > 0) found.read(type, buffer.data());
  for (std::size_t at = 0; at < buffer.size(); at += size) {
    const std::string text = buffer.substr(at, size);
    names.push_back(text.substr(0, text.find('\0')));
  }
  return names;
}

Tensor read_tensor(const H5::DataSet& data, std::uint64_t file_bytes) {
  if (data.getTypeClass() != H5T_FLOAT) throw ModelError("is not of a floating-point type");
  const H5::DataSpace space = data.getSpace();
  const int rank = space.getSimpleExtentNdims();
  if (rank < 0 || rank > kMaxDimensions)
    throw ModelError("has " + std::to_string(rank) + " dimensions, expected at most " +
                     std::to_string(kMaxDimensions));
  std::array<hsize_t, kMaxDimensions> sizes{};
  if (rank > 0) space.getSimpleExtentDims(sizes.data());
  Tensor tensor;
  for (int d = 0; d < rank; ++d) {
    const hsize_t size = sizes[static_cast<std::size_t>(d)];
    if (size > file_bytes) throw ModelError("is larger than the whole file");
    tensor.shape.push_back(static_cast<std::int64_t>(size));
  }
  const auto count = static_cast<std::uint64_t>(element_count(tensor.shape));
  if (count * data.getFloatType().getSize() > file_bytes)
    throw ModelError("is larger than the whole file");
  tensor.values.resize(count);
  if (count > 0) data.read(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
  return tensor;
}

KerasLayer read_layer(const H5::Group& root, const std::string& name, std::uint64_t file_bytes) {
  const H5::Group group = root.openGroup(name);
  KerasLayer layer{.name = name, .weights = {}};
  for (const std::string& weight : read_names(group, "weight_names")) {
    try {
      layer.weights.push_back({weight, read_tensor(group.openDataSet(weight), file_bytes)});
    } catch (const ModelError& error) {
      throw ModelError("'" + name + "/" + weight + "' " + error.what());
    }
  }
  return layer;
}

}  // namespace

bool is_hdf5(const fs::path& file) {
  std::array<char, 8> begin{};
  std::ifstream in(file.string(), std::ios::binary);
  in.read(begin.data(), begin.size());
  return in && begin == std::array<char, 8>{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
}

std::vector<KerasLayer> read_keras_file(const fs::path& file) {
  H5::Exception::dontPrint();
  try {
    const H5::H5File content(file.string(), H5F_ACC_RDONLY);
    const bool whole_model = content.nameExists("model_weights");
    const H5::Group root = content.openGroup(whole_model ? "/model_weights" : "/");
    std::vector<KerasLayer> layers;
    for (const std::string& name : read_names(root, "layer_names")) {
      layers.push_back(read_layer(root, name, fs::file_size(file)));
      if (layers.back().weights.empty()) layers.pop_back();
    }
    if (layers.empty())
      throw ModelError(
          "has no layer with weights; expected a weights file of Keras, with the "
          "attribute 'layer_names'");
    return layers;
  } catch (const H5::Exception& error) {
    throw ModelError(file.string() + ": is damaged or no HDF5 file: " + error.getDetailMsg());
  } catch (const ModelError& error) {
    throw ModelError(file.string() + ": " + error.what());
  }
}

}  // namespace steelsight
