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

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/file_reader.hpp"
#include "models/checksum.hpp"
#include "models/error.hpp"
#include "models/half.hpp"
#include "models/safetensors_format.hpp"

namespace steelsight {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they are");

using namespace safetensors;
using Metadata = std::map<std::string, std::string>;
using SortedJson = nlohmann::json;  // unlike Json: a lookup in a large header stays fast

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kChunkBytes = 1 << 16;
constexpr std::size_t kLeastMapped = 1 << 20;  // bytes; a mapping costs a call, and there are 65530

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

// Bytes that can't be a header are looked at for what else the file may be.
std::string read_header(const FileReader& file) {
  constexpr const char* kExpected = "a safetensors file, as `steelsight train` writes a model";
  std::string begin(std::min<std::uint64_t>(file.size(), kFileKindBytes), '\0');
  read_bytes(file, begin.data(), begin.size(), 0);
  const bool plausible = begin.size() > kLengthBytes && begin[kLengthBytes] == '{';
  const std::string mistaken = mistaken_for(kind_of_bytes(begin), kExpected);
  if (!plausible && !mistaken.empty()) throw ModelError(mistaken);
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, begin.data(), std::min(begin.size(), kLengthBytes));
  if (file.size() < kLengthBytes)
    throw ModelError("not a safetensors file: it has " + std::to_string(file.size()) +
                     " bytes, expected at least " + std::to_string(kLengthBytes));
  const std::uint64_t after_length = file.size() - kLengthBytes;
  if (header_bytes > std::min(after_length, kMaxHeaderBytes))
    throw ModelError("not a safetensors file, or a truncated one: it claims a header of " +
                     std::to_string(header_bytes) + " bytes, expected at most " +
                     std::to_string(std::min(after_length, kMaxHeaderBytes)));
  std::string text(header_bytes, '\0');
  read_bytes(file, text.data(), header_bytes, kLengthBytes);
  return text;
}

SafetensorsFile read_content(const FileReader& file, const std::stop_token& stop) {
  const std::string text = read_header(file);
  const SortedJson header = parse_header(text);
  SafetensorsFile content;
  if (header.contains(kMetadataKey)) content.metadata = read_metadata(header[kMetadataKey]);
  const std::uint64_t data = kLengthBytes + text.size();
  const std::vector<Entry> entries = read_entries(header, file.size() - data);
  content.has_checksum = take_checksum(content.metadata);
  if (content.has_checksum) verify_checksum(file, text, stop);
  for (const Entry& entry : entries)
    content.tensors.emplace(entry.name, read_tensor(file, entry, data + entry.begin));
  return content;
}

}  // namespace

SafetensorsFile read_safetensors(const fs::path& file, const std::stop_token& stop) {
  try {
    return read_content(FileReader(file), stop);
  } catch (const FileError& error) {  // names the file
    throw ModelError(error.what());
  } catch (const ModelError& error) {
    throw ModelError(file.string() + ": " + shortened(error.what()));
  } catch (const std::bad_alloc&) {
    throw ResourceError(file.string() + ": there is not enough memory for its tensors");
  }
}

}  // namespace steelsight
