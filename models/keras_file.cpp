#include "models/keras_file.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/confined_process.hpp"
#include "core/file_kind.hpp"
#include "core/file_reader.hpp"
#include "models/error.hpp"
#include "models/keras_hdf5.hpp"

namespace steelsight {
namespace {

// What the confined process writes: messages of a kind, and
//   tensor  texts of layer and weight, number of dimensions, dimensions, values
//   error   a text
//   end     nothing
// where a text is its length and its bytes. Numbers are of 64 bits.
enum class Message : std::uint64_t { tensor, error, end };

constexpr std::uint64_t kMaxTextBytes = 1 << 16;
constexpr std::uint64_t kMaxRank = 8;
constexpr std::size_t kMaxTensors = 100000;

class MessageWriter {
 public:
  MessageWriter(const Descriptor& to, const fs::path& file) : to_(to), file_(file) {}

  void tensor(const std::string& layer, const KerasTensor& weight) {
    begin(Message::tensor);
    text(layer);
    text(weight.name);
    const auto& [shape, values] = weight.tensor;
    number(shape.size());
    for (const std::int64_t size : shape) number(static_cast<std::uint64_t>(size));
    write_all(to_, values.data(), values.size() * sizeof(float), file_);
  }
  void error(const std::string& what) {
    begin(Message::error);
    text(what);
  }
  void end() { begin(Message::end); }

 private:
  void begin(Message message) { number(static_cast<std::uint64_t>(message)); }
  void number(std::uint64_t value) { write_all(to_, &value, sizeof value, file_); }
  void text(std::string_view text) {
    text = text.substr(0, kMaxTextBytes);
    number(text.size());
    write_all(to_, text.data(), text.size(), file_);
  }

  const Descriptor& to_;
  const fs::path& file_;
};

// Trusts nothing: the process may have been led astray by the file that it reads.
class MessageReader {
 public:
  // The values of all tensors: at most four bytes for each one of the file.
  MessageReader(ConfinedProcess& from, std::uint64_t file_bytes)
      : from_(from), values_left_(file_bytes) {}

  std::vector<KerasLayer> layers() {
    std::vector<KerasLayer> layers;
    for (std::size_t i = 0; i <= kMaxTensors; ++i) {
      const auto message = static_cast<Message>(number());
      if (message == Message::end) return layers;
      if (message == Message::error) throw ModelError(text());
      if (message != Message::tensor) break;
      std::string layer = text(), weight = text();
      if (layers.empty() || layers.back().name != layer)
        layers.push_back({.name = std::move(layer), .weights = {}});
      layers.back().weights.push_back({std::move(weight), tensor()});
    }
    fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw ModelError(
        "is damaged: HDF5's library failed on it, or asked for more time or memory than a sound "
        "file of this size takes");
  }
  void read(void* to, std::size_t size) {
    if (!from_.read(to, size)) fail();
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    read(&value, sizeof value);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > kMaxTextBytes) fail();
    std::string text(size, '\0');
    read(text.data(), size);
    return text;
  }
  Tensor tensor() {
    Tensor tensor;
    const std::uint64_t rank = number();
    if (rank > kMaxRank) fail();
    for (std::uint64_t i = 0; i < rank; ++i)
      tensor.shape.push_back(static_cast<std::int64_t>(number()));
    const auto count = static_cast<std::uint64_t>(element_count(tensor.shape));
    if (count > values_left_) fail();
    values_left_ -= count;
    tensor.values.resize(count);
    read(tensor.values.data(), count * sizeof(float));
    return tensor;
  }

  ConfinedProcess& from_;
  std::uint64_t values_left_;
};

// Several times what sound files take.
ConfinedProcess::Limits limits_for(std::uint64_t file_bytes) {
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;
  return {.memory_bytes = 64 * kMebibyte + 5 * file_bytes,
          .cpu_seconds = static_cast<unsigned>(10 + file_bytes / (10 * kMebibyte))};
}

std::vector<KerasLayer> read_confined(const fs::path& file, std::uint64_t file_bytes) {
  ConfinedProcess process(limits_for(file_bytes), [&](const Descriptor& to) {
    MessageWriter writer(to, file);
    try {
      read_keras_hdf5(file, file_bytes, [&](const std::string& layer, const KerasTensor& weight) {
        writer.tensor(layer, weight);
      });
      writer.end();
    } catch (const ModelError& error) {
      writer.error(error.what());
    }
  });
  return MessageReader(process, file_bytes).layers();
}

}  // namespace

bool is_hdf5(const fs::path& file) {
  const std::optional<FileKind> kind = kind_of_file(file);
  return kind && kind->what.starts_with("an HDF5 file");
}

std::vector<KerasLayer> read_keras_file(const fs::path& file) {
  try {
    std::vector<KerasLayer> layers = read_confined(file, FileReader(file).size());
    if (layers.empty())
      throw ModelError(
          "has no layer with weights; expected a weights file of Keras with the attribute "
          "'layer_names', as Keras 2 writes it; that of Keras 3 (NAME.weights.h5) is another one: "
          "save the model as NAME.h5");
    return layers;
  } catch (const FileError& error) {  // names the file
    throw ModelError(error.what());
  } catch (const ModelError& error) {
    throw ModelError(file.string() + ": " + error.what());
  }
}

}  // namespace steelsight
