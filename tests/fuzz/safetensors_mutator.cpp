// How libFuzzer changes safetensors files: also the header or a text of its metadata alone, after
// which lengths and offsets are made right again. Changed byte by byte, hardly any file would come
// behind the checks of its header.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tests/fuzz/fuzzing.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8, kAlignment = 8;
constexpr const char* kMetadata = "__metadata__";
constexpr std::array kChecksum{"steelsight.checksum", "steelsight.checksum_of"};

struct Parts {
  std::string header, data;
};

Parts take_apart(std::string_view file) {
  std::uint64_t length = 0;
  if (file.size() < kLengthBytes) return {};
  std::memcpy(&length, file.data(), kLengthBytes);
  file.remove_prefix(kLengthBytes);
  length = std::min<std::uint64_t>(length, file.size());
  return {std::string(file.substr(0, length)), std::string(file.substr(length))};
}

std::string put_together(Parts parts) {
  parts.header.resize((parts.header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t length = parts.header.size();
  std::string file(kLengthBytes, '\0');
  std::memcpy(file.data(), &length, kLengthBytes);
  return file + parts.header + parts.data;
}

void mutate(std::string& text, std::size_t room) {
  const std::size_t size = text.size();
  text.resize(size + std::min<std::size_t>(room, 64));
  if (text.empty()) return;
  text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
}

// Of an object with one, a text of the metadata.
void mutate_metadata(Json& header, unsigned choice, std::size_t room) {
  if (!header.is_object() || !header.contains(kMetadata) || !header[kMetadata].is_object()) return;
  Json& metadata = header[kMetadata];
  if (metadata.empty()) return;
  const auto chosen =
      std::next(metadata.begin(), static_cast<std::ptrdiff_t>(choice % metadata.size()));
  if (!chosen->is_string()) return;
  std::string text = chosen->get<std::string>();
  mutate(text, room);
  *chosen = text;
}

// The bytes of a tensor, or 0 if its entry can't be right.
std::uint64_t bytes_of(const Json& entry, std::size_t room) {
  static const std::map<std::string, std::uint64_t> sizes{{"F32", 4}, {"F16", 2}, {"BF16", 2},
                                                          {"F64", 8}, {"I64", 8}, {"I8", 1}};
  const Json dtype = entry.value("dtype", Json()), shape = entry.value("shape", Json());
  if (!dtype.is_string() || !shape.is_array() || !sizes.contains(dtype.get<std::string>()))
    return 0;
  std::uint64_t bytes = sizes.at(dtype.get<std::string>());
  for (const Json& size : shape) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > room) return 0;
    bytes *= size.get<std::uint64_t>();
    if (bytes > room) return 0;
  }
  return bytes;
}

// The offsets follow the shapes, and the data is as long as they say. A checksum would no longer be
// right and is left out.
void repair(Json& header, std::string& data, std::size_t room) {
  if (!header.is_object()) return;
  std::uint64_t begin = 0;
  for (auto& [name, entry] : header.items()) {
    if (!entry.is_object()) continue;
    if (name == kMetadata) {
      for (const char* field : kChecksum) entry.erase(field);
      continue;
    }
    const std::uint64_t end = begin + bytes_of(entry, room - begin);
    entry["data_offsets"] = {begin, end};
    begin = end;
  }
  data.resize(begin, '\0');
}

std::string mutated(Parts parts, unsigned seed, std::size_t max_size) {
  const std::size_t room = max_size - std::min(max_size, parts.header.size() + parts.data.size());
  const unsigned kind = seed % 8;
  if (kind <= 1) mutate(parts.header, room);
  if (kind == 2) mutate(parts.data, room);
  Json header = Json::parse(parts.header, nullptr, /*allow_exceptions=*/false);
  if (header.is_discarded()) return put_together(std::move(parts));
  if (kind > 2) mutate_metadata(header, seed / 8, room);
  repair(header, parts.data, max_size);
  parts.header = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  return put_together(std::move(parts));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (seed % 16 == 15) return LLVMFuzzerMutate(data, size, max_size);
  const std::string file =
      mutated(take_apart(steelsight::fuzzing::text_of(data, size)), seed, max_size);
  if (file.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}
