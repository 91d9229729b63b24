// The writing half of models/safetensors.hpp.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "models/checksum.hpp"
#include "models/half.hpp"
#include "models/safetensors.hpp"
#include "models/safetensors_format.hpp"

namespace steelsight {
namespace {

using namespace safetensors;
using StoredTypes = std::map<std::string, StoredType>;
using Texts = std::map<std::string, std::string>;

std::string to_json_text(const auto& value) {
  return nlohmann::json(value).dump();
}

std::optional<StoredType> stored_type(const StoredTypes& types, const std::string& name) {
  const auto found = types.find(name);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

struct StoredSize {
  const char* dtype;
  std::size_t bytes;
};

StoredSize stored_size(const std::optional<StoredType>& type) {
  if (!type) return {"F32", 4};
  return *type == StoredType::f16 ? StoredSize{"F16", 2} : StoredSize{"I8", 1};
}

std::string make_metadata(const Texts& metadata) {
  std::string object = "{";
  object += checksum_fields();
  for (const auto& [name, text] : metadata)
    object.append(",").append(to_json_text(name)).append(":").append(to_json_text(text));
  return object += "}";
}

// The header as it stands in the file, with its padding, but for the checksum.
std::string make_header(const TensorMap& tensors, const Texts& metadata, const StoredTypes& types) {
  std::string header = "{";
  header.append(to_json_text(kMetadataKey)).append(":").append(make_metadata(metadata));
  std::uint64_t begin = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto [dtype, bytes] = stored_size(stored_type(types, name));
    const std::uint64_t end = begin + tensor.values.size() * bytes;
    const nlohmann::ordered_json entry{
        {"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    header.append(",").append(to_json_text(name)).append(":").append(entry.dump());
    begin = end;
  }
  constexpr std::size_t kAlignment = 8;
  header += '}';
  header.resize((header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return header;
}

std::int8_t to_small_integer(float value) {
  return static_cast<std::int8_t>(value);
}

template <class T>
void put_converted(auto& sink, const Values& values, T (*convert)(float)) {
  std::vector<T> converted(values.size());
  std::ranges::transform(values, converted.begin(), convert);
  sink(converted.data(), converted.size() * sizeof(T));
}

// The file's bytes, in order: once for the checksum, once for the disk.
void put_file(const std::string& header, const TensorMap& tensors, const StoredTypes& types,
              auto sink) {
  const std::uint64_t header_bytes = header.size();
  sink(&header_bytes, sizeof header_bytes);
  sink(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) {
    const Values& values = tensor.values;
    if (values.empty()) continue;
    const std::optional<StoredType> type = stored_type(types, name);
    if (!type)
      sink(values.data(), values.size() * sizeof(float));
    else if (*type == StoredType::f16)
      put_converted(sink, values, to_half);
    else
      put_converted(sink, values, to_small_integer);
  }
}

void check_stored(const TensorMap& tensors, const StoredTypes& types) {
  for (const auto& [name, type] : types) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
      throw std::invalid_argument("write_safetensors: there is no tensor " + quoted(name) +
                                  " to write as another type");
    const auto fits = [](float value) {
      return value == std::clamp(std::rint(value), -128.f, 127.f);
    };
    if (type == StoredType::i8 && !std::ranges::all_of(found->second.values, fits))
      throw std::invalid_argument("write_safetensors: tensor " + quoted(name) +
                                  " has values that are no integers from -128 to 127");
  }
}

}  // namespace

void write_safetensors(const fs::path& target, const TensorMap& tensors, const Texts& metadata,
                       const std::map<std::string, StoredType>& types) {
  check_stored(tensors, types);
  for (const auto& [name, tensor] : tensors) {
    if (name == kMetadataKey)
      throw std::invalid_argument("write_safetensors: a tensor can't be named __metadata__");
    if (tensor.shape.size() > kMaxDimensions)
      throw std::invalid_argument("write_safetensors: tensor " + quoted(name) + " has " +
                                  std::to_string(tensor.shape.size()) +
                                  " dimensions, expected at most " +
                                  std::to_string(kMaxDimensions));
    if (!std::cmp_equal(element_count(tensor.shape), tensor.values.size()))
      throw std::invalid_argument("write_safetensors: tensor " + quoted(name) + " has " +
                                  std::to_string(tensor.values.size()) + " values, expected " +
                                  to_string(tensor.shape));
  }
  std::string header;
  try {
    header = make_header(tensors, metadata, types);
  } catch (const nlohmann::json::exception& error) {
    throw std::invalid_argument(std::string("write_safetensors: a name or text is not UTF-8: ") +
                                error.what());
  }
  if (header.size() > kMaxHeaderBytes)
    throw std::invalid_argument("write_safetensors: the header takes " +
                                std::to_string(header.size()) + " bytes, expected at most " +
                                std::to_string(kMaxHeaderBytes));
  ContentHash hash;
  put_file(header, tensors, types,
           [&](const void* bytes, std::size_t size) { hash.add(bytes, size); });
  AtomicFile file(target);
  put_file(with_checksum(std::move(header), hash.value()), tensors, types,
           [&](const void* bytes, std::size_t size) { file.write(bytes, size); });
  file.commit();
}

}  // namespace steelsight
