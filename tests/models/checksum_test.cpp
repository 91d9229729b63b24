// Damage to a file that has a checksum, anywhere in it.
#include "models/checksum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.hpp"
#include "core/content_hash.hpp"
#include "models/error.hpp"
#include "models/safetensors.hpp"

namespace steelsight::checksum_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Checksum : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    write_safetensors(file_,
                      {{"half", {.shape = {3}, .values = {1, -2, 0.5f}}},
                       {"integers", {.shape = {2, 1}, .values = {-128, 127}}},
                       {"single", {.shape = {2}, .values = {3, 4}}}},
                      {{"steelsight", R"({"classes": ["a", "b"]})"}},
                      {{"half", StoredType::f16}, {"integers", StoredType::i8}});
    bytes_ = read_file(file_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A new file each time, not synced.
  void write_bytes(const std::string& bytes) const {
    fs::remove(file_);
    std::ofstream(file_.string(), std::ios::binary) << bytes;
  }
  void expect_refused(const std::string& what) const {
    EXPECT_THAT(
        [&] { read_safetensors(file_); },
        ThrowsMessage<ModelError>(AllOf(HasSubstr(file_.string() + ": "), HasSubstr(what))));
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path file_ = folder_ / "m.safetensors";
  std::string bytes_;
};

TEST_F(Checksum, IsTheHashOfTheFileWithZerosInItsPlace) {
  const std::string key = R"("steelsight.checksum":")";
  const std::size_t at = bytes_.find(key) + key.size();
  std::string zeroed = bytes_;
  zeroed.replace(at, 16, 16, '0');
  EXPECT_EQ(bytes_.substr(at, 16), to_hex(content_hash(zeroed.data(), zeroed.size())));
  EXPECT_THAT(bytes_, HasSubstr("XXH3-64 of this file with zeros in the place of these 16 digits"));
  const SafetensorsFile content = read_safetensors(file_);
  EXPECT_TRUE(content.has_checksum);
  EXPECT_THAT(content.metadata, testing::SizeIs(1));
}

TEST_F(Checksum, ADifferentByteAnywhereIsNoticed) {
  for (std::size_t at = 0; at < bytes_.size(); ++at)
    for (const int flip : {0x01, 0x20, 0x80, 0xff}) {
      std::string damaged = bytes_;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      write_bytes(damaged);
      EXPECT_THROW(read_safetensors(file_), ModelError) << "byte " << at << " flipped by " << flip;
    }
}

TEST_F(Checksum, AMissingOrAdditionalByteAnywhereIsNoticed) {
  for (std::size_t at = 0; at < bytes_.size(); ++at) {
    write_bytes(bytes_.substr(0, at) + bytes_.substr(at + 1));
    EXPECT_THROW(read_safetensors(file_), ModelError) << at;
    write_bytes(bytes_.substr(0, at) + ' ' + bytes_.substr(at));
    EXPECT_THROW(read_safetensors(file_), ModelError) << at;
  }
}

TEST_F(Checksum, SaysWhatToDo) {
  bytes_.back() = static_cast<char>(bytes_.back() ^ 1);
  write_bytes(bytes_);
  expect_refused("is damaged, or was changed by another program");
  expect_refused("copy or download it again");
}

TEST_F(Checksum, APartOfItIsNotTakenForNone) {
  for (const char* field : {"steelsight.checksum\"", "steelsight.checksum_of\""}) {
    std::string damaged = bytes_;
    damaged.replace(damaged.find(field), 5, "steal");
    write_bytes(damaged);
    expect_refused("a part of its checksum is missing");
  }
}

TEST_F(Checksum, FilesWithoutOneAreRead) {
  const std::string header = R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})";
  const std::uint64_t size = header.size();
  write_bytes(std::string(reinterpret_cast<const char*>(&size), 8) + header + std::string(4, '\0'));
  const SafetensorsFile content = read_safetensors(file_);
  EXPECT_FALSE(content.has_checksum);
  EXPECT_EQ(content.tensors.at("a").values.front(), 0);
}

}  // namespace
}  // namespace steelsight::checksum_test
