#include "models/checksum.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/content_hash.hpp"
#include "core/interrupt.hpp"
#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr const char* kKey = "steelsight.checksum";
constexpr const char* kMethodKey = "steelsight.checksum_of";
constexpr const char* kMethod = "XXH3-64 of this file with zeros in the place of these 16 digits";
constexpr std::string_view kBegin = R"({"__metadata__":{"steelsight.checksum":")";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kBytesAtATime = std::size_t{1} << 20;

void fill_in(std::string& header, const std::string& digits) {
  header.replace(kBegin.size(), kDigits, digits);
}

}  // namespace

std::string checksum_fields() {
  const std::string zeros(kDigits, '0');
  return std::string("\"") + kKey + "\":\"" + zeros + "\",\"" + kMethodKey + "\":\"" + kMethod +
         "\"";
}

std::string with_checksum(std::string header, std::uint64_t hash) {
  fill_in(header, to_hex(hash));
  return header;
}

bool take_checksum(std::map<std::string, std::string>& metadata) {
  const auto fields = metadata.erase(kKey) + metadata.erase(kMethodKey);
  if (fields == 1) throw ModelError("is damaged: a part of its checksum is missing");
  return fields == 2;
}

void verify_checksum(const FileReader& file, const std::string& header,
                     const std::stop_token& stop) {
  std::string found, zeroed = header;
  if (header.starts_with(kBegin) && header.size() > kBegin.size() + kDigits) {
    found = header.substr(kBegin.size(), kDigits);
    fill_in(zeroed, std::string(kDigits, '0'));
  }
  ContentHash hash;
  const std::uint64_t header_bytes = header.size();
  hash.add(&header_bytes, sizeof header_bytes);
  hash.add(zeroed.data(), zeroed.size());
  std::vector<char> chunk(kBytesAtATime);
  for (std::uint64_t at = sizeof header_bytes + header.size(); at < file.size();) {
    throw_if_stopped(stop, "reading a model");
    const std::size_t bytes = std::min<std::uint64_t>(chunk.size(), file.size() - at);
    if (!file.read(chunk.data(), bytes, at)) throw ModelError("reading failed");
    hash.add(chunk.data(), bytes);
    at += bytes;
  }
  const std::string expected = to_hex(hash.value());
  if (found != expected)
    throw ModelError(
        "is damaged, or was changed by another program: its content has the checksum " + expected +
        ", expected " + (found.empty() ? "one at its begin" : found) +
        "; copy or download it again");
}

bool has_checksum(const fs::path& file) {
  try {
    std::string begin(kBegin.size(), '\0');
    return FileReader(file).read(begin.data(), begin.size(), sizeof(std::uint64_t)) &&
           begin == kBegin;
  } catch (const FileError&) {
    return false;
  }
}

}  // namespace steelsight
