#include "models/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/file_reader.hpp"
#include "models/error.hpp"
#include "models/half.hpp"

namespace steelsight {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they are");

using Metadata = std::map<std::string, std::string>;
using SortedJson = nlohmann::json;  // unlike Json: a lookup in a large header stays fast

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kAlignment = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxDimensions = 16;
constexpr std::size_t kChunkBytes = 1 << 16;
constexpr std::size_t kLeastMapped = 1 << 20;  // bytes; a mapping costs a call, and there are 65530
constexpr const char* kMetadataKey = "__metadata__";

struct Dtype {
  const char* name;
  std::uint64_t bytes;
  void (*convert)(const char* from, std::size_t count, float* to);
};

float from_bfloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float from_double(double value) {
  return static_cast<float>(value);
}

template <class T, float (*to_float)(T)>
void convert_values(const char* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    to[i] = to_float(value);
  }
}

float from_integer(std::int64_t value) {
  return static_cast<float>(value);
}

float from_small_integer(std::int8_t value) {
  return value;
}

constexpr std::array<Dtype, 6> kDtypes{{
    {"F32", 4, nullptr},  // read in place
    {"F16", 2, convert_values<std::uint16_t, from_half>},
    {"BF16", 2, convert_values<std::uint16_t, from_bfloat>},
    {"F64", 8, convert_values<double, from_double>},
    {"I64", 8, convert_values<std::int64_t, from_integer>},  // counters of other programs
    {"I8", 1, convert_values<std::int8_t, from_small_integer>},
}};

// What the header says about one tensor. Offsets count from the end of the header.
struct Entry {
  std::string name;
  const Dtype* dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin, end;
};

std::string quoted(const std::string& name) {
  return "'" + name + "'";
}

// A hostile name or text can be as long as the header.
std::string shortened(const std::string& message) {
  constexpr std::size_t kLimit = 400;
  return message.size() <= kLimit ? message : message.substr(0, kLimit) + "...";
}

// A JSON tree keeps the last of two equal names and nests as deep as the text does, so both are
// looked for while it grows.
SortedJson parse_header(const std::string& text) {
  if (text.empty() || text.front() != '{')
    throw ModelError("not a safetensors file: the header doesn't begin with '{'");
  std::array<std::set<std::string>, 2> names;  // in the header; in the tensor or metadata
  std::size_t listed = 0;
  const auto check = [&](int depth, SortedJson::parse_event_t event, const SortedJson& parsed) {
    using Event = SortedJson::parse_event_t;
    if ((event == Event::object_start && depth > 1) || (event == Event::array_start && depth != 2))
      throw ModelError("the header nests deeper than a safetensors header does");
    if (event == Event::object_start) names.at(static_cast<std::size_t>(depth)).clear();
    if (event == Event::array_start) listed = 0;
    if (event == Event::value && depth == 3 && ++listed > kMaxDimensions)
      throw ModelError("the header has a list of more than " + std::to_string(kMaxDimensions) +
                       " values");
    if (event == Event::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names.at(static_cast<std::size_t>(depth - 1)).insert(name).second)
        throw ModelError("the name " + quoted(name) + " occurs twice in the header");
    }
    return true;
  };
  try {
    return SortedJson::parse(text, check);
  } catch (const SortedJson::exception& error) {
    throw ModelError(std::string("the header is not valid JSON: ") + error.what());
  }
}

Metadata read_metadata(const SortedJson& fields) {
  if (!fields.is_object()) throw ModelError("__metadata__ is not an object of texts");
  Metadata metadata;
  for (const auto& [name, text] : fields.items()) {
    if (!text.is_string()) throw ModelError("__metadata__ " + quoted(name) + " is not a text");
    metadata.emplace(name, text.get<std::string>());
  }
  return metadata;
}

const Dtype& read_dtype(const SortedJson& field) {
  const std::string name = field.is_string() ? field.get<std::string>() : field.dump();
  for (const Dtype& dtype : kDtypes)
    if (name == dtype.name) return dtype;
  throw ModelError("has dtype " + name + ", expected F32, F16, BF16, F64, I64 or I8");
}

template <class T>
std::vector<T> read_numbers(const SortedJson& field, const char* what) {
  if (!field.is_array()) throw ModelError(std::string("has a ") + what + " that is not a list");
  std::vector<T> numbers;
  for (const SortedJson& number : field) {
    if (!number.is_number_unsigned() || !std::in_range<T>(number.get<std::uint64_t>()))
      throw ModelError(std::string("has ") + number.dump() + " in its " + what +
                       ", expected a whole number that is not negative");
    numbers.push_back(static_cast<T>(number.get<std::uint64_t>()));
  }
  return numbers;
}

// Throws ModelError without the tensor's name, which the caller adds.
Entry read_entry(const std::string& name, const SortedJson& fields) {
  if (!fields.is_object()) throw ModelError("is not described by an object");
  for (const char* key : {"dtype", "shape", "data_offsets"})
    if (!fields.contains(key)) throw ModelError(std::string("has no ") + key);
  if (fields.size() != 3) throw ModelError("has a field besides dtype, shape and data_offsets");

  const auto offsets = read_numbers<std::uint64_t>(fields["data_offsets"], "data_offsets");
  if (offsets.size() != 2) throw ModelError("has data_offsets that are not two numbers");
  Entry entry{.name = name,
              .dtype = &read_dtype(fields["dtype"]),
              .shape = read_numbers<std::int64_t>(fields["shape"], "shape"),
              .begin = offsets[0],
              .end = offsets[1]};
  // element_count bounds the product, so that 8 bytes a value still fit.
  const std::uint64_t expected =
      static_cast<std::uint64_t>(element_count(entry.shape)) * entry.dtype->bytes;
  if (entry.begin > entry.end || entry.end - entry.begin != expected)
    throw ModelError("has data_offsets [" + std::to_string(entry.begin) + ", " +
                     std::to_string(entry.end) + "], but " + to_string(entry.shape) + " of " +
                     entry.dtype->name + " takes " + std::to_string(expected) + " bytes");
  return entry;
}

// Sorted by place in the file; together they cover the data without holes or overlaps.
std::vector<Entry> read_entries(const SortedJson& header, std::uint64_t data_bytes) {
  std::vector<Entry> entries;
  for (const auto& [name, fields] : header.items()) {
    if (name == kMetadataKey) continue;
    try {
      entries.push_back(read_entry(name, fields));
    } catch (const ModelError& error) {
      throw ModelError("tensor " + quoted(name) + " " + error.what());
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered)
      throw ModelError("tensor " + quoted(entry.name) + " begins at byte " +
                       std::to_string(entry.begin) + " of the data, expected " +
                       std::to_string(covered) + ": holes and overlaps are not allowed");
    covered = entry.end;
  }
  if (covered != data_bytes)
    throw ModelError("the tensors take " + std::to_string(covered) + " bytes, but " +
                     std::to_string(data_bytes) + " follow the header: is the file complete?");
  return entries;
}

void read_bytes(const FileReader& file, void* to, std::uint64_t size, std::uint64_t offset) {
  if (!file.read(to, size, offset)) throw ModelError("reading failed");
}

// Floats as they lie in the file, or nothing where that can't be, or isn't worth a mapping.
Values map_values(const FileReader& file, std::size_t count, std::uint64_t offset) {
  if (count * sizeof(float) < kLeastMapped || offset % alignof(float) != 0) return {};
  const std::shared_ptr<std::byte> bytes = file.map(count * sizeof(float), offset);
  if (!bytes) return {};
  return {std::shared_ptr<float>(bytes, reinterpret_cast<float*>(bytes.get())), count};
}

Tensor read_tensor(const FileReader& file, const Entry& entry, std::uint64_t offset) {
  Tensor tensor{.shape = entry.shape, .values = {}};
  const auto count = static_cast<std::size_t>(element_count(entry.shape));
  if (entry.dtype->convert == nullptr) {
    tensor.values = map_values(file, count, offset);
    if (tensor.values.is_mapped()) return tensor;
    tensor.values.resize(count);
    read_bytes(file, tensor.values.data(), count * sizeof(float), offset);
    return tensor;
  }
  tensor.values.resize(count);
  std::array<char, kChunkBytes> chunk;
  const std::size_t values_per_chunk = kChunkBytes / entry.dtype->bytes;
  for (std::size_t done = 0; done < count; done += values_per_chunk) {
    const std::size_t n = std::min(values_per_chunk, count - done);
    read_bytes(file, chunk.data(), n * entry.dtype->bytes, offset + done * entry.dtype->bytes);
    entry.dtype->convert(chunk.data(), n, tensor.values.data() + done);
  }
  return tensor;
}

SafetensorsFile read_content(const FileReader& file) {
  if (file.size() < kLengthBytes)
    throw ModelError("not a safetensors file: it has " + std::to_string(file.size()) +
                     " bytes, expected at least " + std::to_string(kLengthBytes));
  std::uint64_t header_bytes = 0;
  read_bytes(file, &header_bytes, kLengthBytes, 0);
  const std::uint64_t after_length = file.size() - kLengthBytes;
  if (header_bytes > std::min(after_length, kMaxHeaderBytes))
    throw ModelError("not a safetensors file, or a truncated one: it claims a header of " +
                     std::to_string(header_bytes) + " bytes, expected at most " +
                     std::to_string(std::min(after_length, kMaxHeaderBytes)));
  std::string text(header_bytes, '\0');
  read_bytes(file, text.data(), header_bytes, kLengthBytes);

  const SortedJson header = parse_header(text);
  SafetensorsFile content;
  if (header.contains(kMetadataKey)) content.metadata = read_metadata(header[kMetadataKey]);
  const std::uint64_t data = kLengthBytes + header_bytes;
  for (const Entry& entry : read_entries(header, file.size() - data))
    content.tensors.emplace(entry.name, read_tensor(file, entry, data + entry.begin));
  return content;
}

using StoredTypes = std::map<std::string, StoredType>;

std::optional<StoredType> stored_type(const StoredTypes& types, const std::string& name) {
  const auto found = types.find(name);
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

const Dtype& stored_dtype(const StoredTypes& types, const std::string& name) {
  const std::optional<StoredType> type = stored_type(types, name);
  const std::string wanted = !type ? "F32" : *type == StoredType::f16 ? "F16" : "I8";
  return *std::ranges::find(kDtypes, wanted, &Dtype::name);
}

std::int8_t to_small_integer(float value) {
  return static_cast<std::int8_t>(value);
}

// The header as it stands in the file, with its padding.
std::string make_header(const TensorMap& tensors, const Metadata& metadata,
                        const StoredTypes& types) {
  std::string header = "{";
  const auto append = [&](const std::string& name, const std::string& text) {
    if (header.size() > 1) header += ',';
    header += SortedJson(name).dump() + ":" + text;
  };
  if (!metadata.empty()) append(kMetadataKey, SortedJson(metadata).dump());
  std::uint64_t begin = 0;
  for (const auto& [name, tensor] : tensors) {
    const Dtype& dtype = stored_dtype(types, name);
    const std::uint64_t end = begin + tensor.values.size() * dtype.bytes;
    const nlohmann::ordered_json entry{
        {"dtype", dtype.name}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    append(name, entry.dump());
    begin = end;
  }
  header += '}';
  header.resize((header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return header;
}

template <class T>
void write_converted(AtomicFile& file, const Values& values, T (*convert)(float)) {
  std::vector<T> converted(values.size());
  std::ranges::transform(values, converted.begin(), convert);
  file.write(converted.data(), converted.size() * sizeof(T));
}

void write_tensor(AtomicFile& file, const Values& values, const std::optional<StoredType>& type) {
  if (values.empty()) return;
  if (!type) return file.write(values.data(), values.size() * sizeof(float));
  if (*type == StoredType::f16) return write_converted(file, values, to_half);
  write_converted(file, values, to_small_integer);
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

SafetensorsFile read_safetensors(const fs::path& file) {
  boost::system::error_code failure;
  if (!fs::is_regular_file(file, failure))
    throw ModelError(file.string() + ": " +
                     (failure ? "can't be read: " + failure.message() : "is not a file"));
  try {
    return read_content(FileReader(file));
  } catch (const FileError& error) {  // names the file
    throw ModelError(std::string(error.what()) + "; is it yours to read?");
  } catch (const ModelError& error) {
    throw ModelError(file.string() + ": " + shortened(error.what()));
  } catch (const std::bad_alloc&) {
    throw ResourceError(file.string() + ": there is not enough memory for its tensors");
  }
}

void write_safetensors(const fs::path& target, const TensorMap& tensors, const Metadata& metadata,
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
  } catch (const SortedJson::exception& error) {
    throw std::invalid_argument(std::string("write_safetensors: a name or text is not UTF-8: ") +
                                error.what());
  }
  const std::uint64_t header_bytes = header.size();
  if (header_bytes > kMaxHeaderBytes)
    throw std::invalid_argument("write_safetensors: the header takes " +
                                std::to_string(header_bytes) + " bytes, expected at most " +
                                std::to_string(kMaxHeaderBytes));
  AtomicFile file(target);
  file.write(&header_bytes, kLengthBytes);
  file.write(header);
  for (const auto& [name, tensor] : tensors)
    write_tensor(file, tensor.values, stored_type(types, name));
  file.commit();
}

}  // namespace steelsight
