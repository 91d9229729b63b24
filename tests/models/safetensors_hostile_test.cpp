// Files that are damaged or made to do harm: a ModelError with the file's name, or a sound read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "models/error.hpp"
#include "models/safetensors.hpp"

namespace steelsight::safetensors_hostile_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class HostileSafetensors : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  // A new file each time: file systems sync one that is truncated and written again, as write_file
  // does, and that takes its time.
  void write_bytes(const std::string& bytes) {
    fs::remove(file_);
    std::ofstream out(file_.string(), std::ios::binary);
    out << bytes;
    ASSERT_TRUE(out.flush());
  }

  // A file of this header, claimed to be `claimed` bytes long, and so many bytes of data.
  void write(const std::string& header, std::size_t data, std::uint64_t claimed) {
    std::string bytes(reinterpret_cast<const char*>(&claimed), 8);
    write_bytes(bytes + header + std::string(data, '\1'));
  }
  void write(const std::string& header, std::size_t data) { write(header, data, header.size()); }

  void expect_refused(const std::string& message) {
    EXPECT_THAT(
        [&] { read_safetensors(file_); },
        ThrowsMessage<ModelError>(AllOf(HasSubstr(file_.string() + ": "), HasSubstr(message))));
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path file_ = folder_ / "hostile.safetensors";
};

struct Header {
  const char* text;
  std::size_t data;
  const char* message;
};

TEST_F(HostileSafetensors, RefusesHeaders) {
  const Header headers[] = {
      // Not what a header looks like
      {"", 0, "is made of zeros"},
      {"[]", 0, "doesn't begin with '{'"},
      {" {}", 0, "doesn't begin with '{'"},
      {"\xef\xbb\xbf{}", 0, "doesn't begin with '{'"},
      {"{", 0, "not valid JSON"},
      {"{}{}", 0, "not valid JSON"},
      {"{\"\xff\":{}}", 0, "not valid JSON"},
      {R"({"a":1e999})", 0, "not valid JSON"},
      {R"({"a":1})", 0, "'a' is not described by an object"},
      {R"({"a":null})", 0, "'a' is not described by an object"},
      {R"({"a":[]})", 0, "nests deeper"},
      {R"({"a":{"b":{}}})", 0, "nests deeper"},
      {R"({"a":{"shape":[[1]]}})", 0, "nests deeper"},
      {R"({"a":{"shape":[{}]}})", 0, "nests deeper"},
      // Fields
      {R"({"a":{}})", 0, "'a' has no dtype"},
      {R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4, "'a' has no shape"},
      {R"({"a":{"dtype":"F32","shape":[]}})", 4, "'a' has no data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1}})", 4, "has a field besides"},
      {R"({"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}})", 4,
       "'a' has dtype I32, expected F32, F16, BF16, F64, I64 or I8"},
      {R"({"a":{"dtype":"f32","shape":[],"data_offsets":[0,4]}})", 4, "has dtype f32"},
      {R"({"a":{"dtype":7,"shape":[],"data_offsets":[0,4]}})", 4, "has dtype 7"},
      {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", 4, "shape that is not a list"},
      {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "has -1 in its shape"},
      {R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4, "has 1.0 in its shape"},
      {R"({"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}})", 4, "in its shape"},
      {R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,-4]}})", 4,
       "has -4 in its data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[],"data_offsets":[4]}})", 4, "not two numbers"},
      {R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,4]}})", 4, "not two numbers"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})",
       4, "more than 16 values"},
      // Sizes that overflow
      {R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})", 4,
       "has 9223372036854775808 in its shape"},
      {R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})", 4,
       "in its shape"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
       "'a' shape 4294967296x4294967296 has too many elements"},
      {R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0,
       "too many elements"},
      {R"({"a":{"dtype":"F64","shape":[2305843009213693951],"data_offsets":[0,8]}})", 8,
       "takes 18446744073709551608 bytes"},
      {R"({"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}})", 8,
       "take 4000000000000 bytes, but 8 follow"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}})",
       4, "takes 4 bytes"},
      // Places
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "has data_offsets [8, 0]"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "2 of F32 takes 8 bytes"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8, "2 of F16 takes 4 bytes"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "holes and overlaps"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, "is the file complete"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4, "is the file complete"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
          "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
       12, "'b' begins at byte 4 of the data, expected 8"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
          "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "holes and overlaps"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
          "b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
       12, "'b' begins at byte 8"},
      {R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[2,2]},
          "b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "holes and overlaps"},
      {"{}", 1, "take 0 bytes, but 1 follow"},
      // Names that occur twice
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
          "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "'a' occurs twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "'__metadata__' occurs twice"},
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4,
       "'dtype' occurs twice"},
      {R"({"__metadata__":{"x":"1","x":"2"}})", 0, "'x' occurs twice"},
      // Metadata
      {R"({"__metadata__":"x"})", 0, "__metadata__ is not an object"},
      {R"({"__metadata__":{"x":1}})", 0, "__metadata__ 'x' is not a text"},
      {R"({"__metadata__":{"x":null}})", 0, "__metadata__ 'x' is not a text"},
      {R"({"__metadata__":{"x":["1"]}})", 0, "__metadata__ 'x' is not a text"},
      {R"({"__metadata__":{"x":{}}})", 0, "nests deeper"},
  };
  for (const Header& header : headers) {
    SCOPED_TRACE(header.text);
    write(header.text, header.data);
    expect_refused(header.message);
  }
}

TEST_F(HostileSafetensors, RefusesHeaderLengths) {
  for (const std::uint64_t claimed :
       {std::uint64_t{3}, std::uint64_t{100'000'000}, std::uint64_t{100'000'001},
        std::uint64_t{1} << 40, ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
    write("{}", 0, claimed);
    expect_refused("claims a header of " + std::to_string(claimed) + " bytes, expected at most 2");
  }
  write_bytes("");
  expect_refused("is empty, expected a safetensors file");
  write_bytes("\1\2\3");
  expect_refused("it has 3 bytes, expected at least 8");
  // As long as it says, but beyond the limit: the file is sparse.
  write("{}", 0, 100'000'001);
  fs::resize_file(file_, 200'000'000);
  expect_refused("expected at most 100000000");
}

TEST_F(HostileSafetensors, RefusesDeepNestingWithoutRecursion) {
  write(R"({"a":)" + std::string(2'000'000, '['), 0);
  expect_refused("nests deeper");
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += R"({"a":)";
  write(objects, 0);
  expect_refused("nests deeper");
  write(R"({"a":{"shape":[)" + std::string(1'000'000, '0'), 0);
  expect_refused("not valid JSON");
}

TEST_F(HostileSafetensors, KeepsMessagesShort) {
  write("{\"" + std::string(1'000'000, 'x') + "\":1}", 0);
  try {
    read_safetensors(file_);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_LT(std::string(error.what()).size(), 600u);
  }
}

// A small sound file with every type.
std::string sound_bytes() {
  return read_file(fs::path(STEELSIGHT_TEST_DATA_DIR) / "dtypes.safetensors");
}

TEST_F(HostileSafetensors, RefusesTruncationAtEveryByte) {
  const std::string bytes = sound_bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_bytes(bytes.substr(0, size));
    EXPECT_THROW(read_safetensors(file_), ModelError) << size;
  }
}

TEST_F(HostileSafetensors, SurvivesFlippedBits) {
  const std::string bytes = sound_bytes();
  Random random(1);
  int refused = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string broken = bytes;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      broken[random.below(broken.size())] ^= static_cast<char>(1 << random.below(8));
    write_bytes(broken);
    try {
      for (const auto& [name, tensor] : read_safetensors(file_).tensors)
        EXPECT_EQ(element_count(tensor.shape), static_cast<std::int64_t>(tensor.values.size()));
    } catch (const ModelError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
  EXPECT_LT(refused, 2000);
}

TEST_F(HostileSafetensors, SaysWhatElseAFileIs) {
  write_bytes("PK\3\4aaaaaaaaaaaa");
  expect_refused("is a ZIP archive, expected a safetensors file");
  write_bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  expect_refused("git lfs pull");
}

}  // namespace
}  // namespace steelsight::safetensors_hostile_test
