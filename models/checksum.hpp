#pragma once
// The checksum that a safetensors file of ours carries over all its bytes, so that damage is
// noticed: of names, shapes and texts as well as of tensors. It stands where the header begins,
//
//   {"__metadata__":{"steelsight.checksum":"0123456789abcdef","steelsight.checksum_of":"...",...
//
// and is the XXH3 (core/content_hash.hpp) of the whole file with zeros as these 16 digits. Two
// fields, so that one which is damaged isn't taken for none: files of other programs, and of
// steelsight before it had checksums, have neither.
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>

#include "core/file_reader.hpp"

namespace steelsight {

// What the fields are before the hash is known: a part of the metadata's JSON object, without
// comma.
std::string checksum_fields();

// The header with the digits filled in, whose metadata begins with the fields.
std::string with_checksum(std::string header, std::uint64_t hash);

// Takes the fields out of the metadata and says whether they are there. Throws ModelError if one is
// alone.
bool take_checksum(std::map<std::string, std::string>& metadata);

// Reads the whole file once. `header`: the text that the file begins with, behind its length.
// Throws ModelError if the checksum is another one, Interrupted.
void verify_checksum(const FileReader& file, const std::string& header,
                     const std::stop_token& stop);

// Whether a file begins with a checksum, right or wrong. False for a file that can't be read.
bool has_checksum(const fs::path& file);

}  // namespace steelsight
