#include "models/keras_hdf5.hpp"

#include <H5Cpp.h>

#include <array>
#include <span>

#include "core/confined_process.hpp"
#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr int kMaxKerasDimensions = 8;
constexpr hsize_t kMaxNames = 100000;

// The texts of an attribute: fixed-size strings, or variable ones. Keras writes an empty list as
// one of numbers.
std::vector<std::string> read_names(const H5::H5Object& object, const std::string& attribute,
                                    std::uint64_t file_bytes) {
  if (!object.attrExists(attribute)) return {};
  const H5::Attribute found = object.openAttribute(attribute);
  const H5::DataSpace space = found.getSpace();
  const hssize_t count = space.getSimpleExtentNpoints();
  if (count < 0 || static_cast<hsize_t>(count) > kMaxNames)
    throw ModelError("attribute '" + attribute + "' has " + std::to_string(count) +
                     " names, expected at most " + std::to_string(kMaxNames));
  if (count == 0) return {};
  if (found.getTypeClass() != H5T_STRING)
    throw ModelError("attribute '" + attribute + "' is not a list of texts");
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
  if (size == 0 || size > file_bytes / static_cast<std::uint64_t>(count))
    throw ModelError("attribute '" + attribute + "' is larger than the whole file");
  std::string buffer(size * static_cast<std::size_t>(count), '\0');
  found.read(type, buffer.data());
  for (std::size_t at = 0; at < buffer.size(); at += size) {
    const std::string text = buffer.substr(at, size);
    names.push_back(text.substr(0, text.find('\0')));
  }
  return names;
}

using Take = std::function<void(const std::string& layer, KerasTensor)>;

class KerasReader {
 public:
  KerasReader(const H5::Group& root, std::uint64_t file_bytes, const Take& take)
      : root_(root), file_bytes_(file_bytes), take_(take), bytes_left_(file_bytes) {}

  void read_layers() {
    for (const std::string& name : read_names(root_, "layer_names", file_bytes_)) {
      try {
        read_layer(name);
      } catch (const H5::Exception& error) {
        throw ModelError("layer '" + name + "' is missing or damaged: " + error.getDetailMsg());
      }
    }
  }

 private:
  void read_layer(const std::string& name) {
    const H5::Group group = root_.openGroup(name);
    for (const std::string& weight : read_names(group, "weight_names", file_bytes_)) {
      const std::string where = "'" + name + "/" + weight + "' ";
      try {
        take_(name, {weight, read_tensor(group.openDataSet(weight))});
      } catch (const H5::Exception& error) {
        throw ModelError(where + "is missing or damaged: " + error.getDetailMsg());
      } catch (const ModelError& error) {
        throw ModelError(where + error.what());
      }
    }
  }

  // What all tensors take together is bounded by the file too: one can be listed many times.
  Tensor read_tensor(const H5::DataSet& data) {
    if (data.getTypeClass() != H5T_FLOAT) throw ModelError("is not of a floating-point type");
    Tensor tensor{.shape = shape_of(data), .values = {}};
    const auto count = static_cast<std::uint64_t>(element_count(tensor.shape));
    const std::uint64_t bytes = count * data.getFloatType().getSize();
    if (bytes > bytes_left_)
      throw ModelError("is " + to_string(tensor.shape) + ": the tensors take " +
                       std::to_string(file_bytes_ - bytes_left_) + " and " + std::to_string(bytes) +
                       " bytes, more than the whole file of " + std::to_string(file_bytes_));
    bytes_left_ -= bytes;
    tensor.values.resize(count);
    if (count > 0) data.read(tensor.values.data(), H5::PredType::NATIVE_FLOAT);
    return tensor;
  }

  std::vector<std::int64_t> shape_of(const H5::DataSet& data) const {
    const H5::DataSpace space = data.getSpace();
    const int rank = space.getSimpleExtentNdims();
    if (rank < 0 || rank > kMaxKerasDimensions)
      throw ModelError("has " + std::to_string(rank) + " dimensions, expected at most " +
                       std::to_string(kMaxKerasDimensions));
    std::array<hsize_t, kMaxKerasDimensions> sizes{};
    if (rank > 0) space.getSimpleExtentDims(sizes.data());
    std::vector<std::int64_t> shape;
    for (const hsize_t size : std::span(sizes).first(static_cast<std::size_t>(rank))) {
      if (size > file_bytes_)
        throw ModelError("has a dimension of " + std::to_string(size) +
                         ", more than the bytes of the whole file");
      shape.push_back(static_cast<std::int64_t>(size));
    }
    return shape;
  }

  const H5::Group& root_;
  const std::uint64_t file_bytes_;
  const Take& take_;
  std::uint64_t bytes_left_;
};

}  // namespace

void read_keras_hdf5(const fs::path& file, std::uint64_t file_bytes, const Take& take) {
  H5::Exception::dontPrint();
  try {
    const H5::H5File content(file.string(), H5F_ACC_RDONLY);
    forbid_opening_files();  // a tensor may lie in another file, a filter in a module
    const bool whole_model = content.nameExists("model_weights");
    const H5::Group root = content.openGroup(whole_model ? "/model_weights" : "/");
    KerasReader(root, file_bytes, take).read_layers();
  } catch (const H5::Exception& error) {
    throw ModelError("is damaged or no HDF5 file: " + error.getDetailMsg());
  }
}

}  // namespace steelsight
