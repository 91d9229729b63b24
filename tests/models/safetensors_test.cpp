#include "models/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/error.hpp"
#include "models/half.hpp"

namespace steelsight::safetensors_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const fs::path kData = STEELSIGHT_TEST_DATA_DIR;

class Safetensors : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path file_ = folder_ / "m.safetensors";
};

// The content of f32.safetensors, which scripts/reference/export_safetensors.py made.
TensorMap small_tensors() {
  Tensor weight{.shape = {2, 3, 2, 1}, .values = {}};
  for (int i = 0; i < 12; ++i) weight.values.push_back(static_cast<float>(i));
  return {{"bias", {.shape = {2}, .values = {0.5f, -0.25f}}},
          {"empty", {.shape = {2, 0}, .values = {}}},
          {"scalar", {.shape = {}, .values = {3}}},
          {"weight", weight}};
}

const std::map<std::string, std::string> kMetadata{{"note", "quotes \" and \u00fcmlaut"},
                                                   {"version", "1"}};

void expect_same(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) {
    ASSERT_TRUE(b.contains(name)) << name;
    EXPECT_EQ(tensor.shape, b.at(name).shape) << name;
    ASSERT_EQ(tensor.values.size(), b.at(name).values.size()) << name;
    if (tensor.values.empty()) continue;
    // Bits, so that NaN equals NaN.
    EXPECT_EQ(0, std::memcmp(tensor.values.data(), b.at(name).values.data(),
                             tensor.values.size() * sizeof(float)))
        << name;
  }
}

TEST_F(Safetensors, ReadsWhatAnotherProgramWrote) {
  const SafetensorsFile content = read_safetensors(kData / "f32.safetensors");
  expect_same(content.tensors, small_tensors());
  EXPECT_EQ(content.metadata, kMetadata);
}

// The file as it would be without a checksum, made by cutting text.
std::string without_checksum(const std::string& bytes) {
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), 8);
  std::string header = bytes.substr(8, header_bytes);
  const std::size_t begin = header.find("\"steelsight.checksum\"");
  const std::size_t end = header.find("\"note\"");
  header.erase(begin, end - begin);
  header.erase(header.find_last_not_of(' ') + 1);
  while (header.size() % 8 != 0) header += ' ';
  const std::uint64_t shorter = header.size();
  return std::string(reinterpret_cast<const char*>(&shorter), 8) + header +
         bytes.substr(8 + header_bytes);
}

TEST_F(Safetensors, WritesTheBytesThatAnotherProgramDoesAndAChecksum) {
  write_safetensors(file_, small_tensors(), kMetadata);
  EXPECT_EQ(without_checksum(read_file(file_)), read_file(kData / "f32.safetensors"));
}

TEST_F(Safetensors, ConvertsEveryTypeToSingle) {
  const TensorMap tensors = read_safetensors(kData / "dtypes.safetensors").tensors;
  const Json expected = parse_json(read_file(kData / "dtypes.json"), "dtypes.json");
  for (const char* name : {"half", "double", "bfloat"}) {
    EXPECT_EQ(tensors.at(name).values, expected[name].get<std::vector<float>>()) << name;
    EXPECT_THAT(tensors.at(name).shape, ElementsAre(2, 3));
  }
  EXPECT_EQ(tensors.at("single").values, tensors.at("double").values);
  const auto& special = tensors.at("half.special").values;
  EXPECT_EQ(special[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(special[1], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(special[2]));
  EXPECT_THAT(tensors.at("empty").shape, ElementsAre(0, 4));
  EXPECT_THAT(tensors.at("scalar").values, ElementsAre(7));
}

// Value of an F16 by the definition of IEEE 754, in arithmetic alone.
double half_by_definition(std::uint16_t bits) {
  const double sign = (bits >> 15) != 0 ? -1 : 1;
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST_F(Safetensors, ConvertsEveryHalfThereIs) {
  std::string header = R"({"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}})";
  const std::uint64_t size = header.size();
  std::string bytes(reinterpret_cast<const char*>(&size), 8);
  bytes += header;
  for (std::uint32_t half = 0; half < 65536; ++half)
    bytes += {static_cast<char>(half & 255), static_cast<char>(half >> 8)};
  write_file(file_, bytes);
  const auto values = read_safetensors(file_).tensors.at("h").values;
  for (std::uint32_t half = 0; half < 65536; ++half) {
    const double expected = half_by_definition(static_cast<std::uint16_t>(half));
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(values[half])) << half;
    else
      EXPECT_EQ(values[half], expected) << half;
    EXPECT_EQ(std::signbit(values[half]), half >= 32768) << half;
  }
}

TEST(Half, EveryHalfComesBack) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_half(half);
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(from_half(to_half(value)))) << bits;
    else
      EXPECT_EQ(to_half(value), half) << bits;
  }
}

// Between two neighbours: to the nearer one; from the middle to the even one.
TEST(Half, RoundsToTheNearestAndFromTheMiddleToEven) {
  for (std::uint16_t half = 0; half < 0x7BFF; ++half) {
    const auto next = static_cast<std::uint16_t>(half + 1);
    const auto low = static_cast<float>(half_by_definition(half));
    const auto high = static_cast<float>(half_by_definition(next));
    const float middle = (low + high) / 2;  // exact: 12 bits
    EXPECT_EQ(to_half(middle), half % 2 == 0 ? half : next) << half;
    EXPECT_EQ(to_half(std::nextafter(middle, low)), half) << half;
    EXPECT_EQ(to_half(std::nextafter(middle, high)), next) << half;
    EXPECT_EQ(to_half(-middle), to_half(middle) | 0x8000) << half;
  }
  EXPECT_EQ(to_half(std::nextafter(65520.0f, 0.0f)), 0x7BFF);
  EXPECT_EQ(to_half(65520), 0x7C00);
  EXPECT_EQ(to_half(-INFINITY), 0xFC00);
}

TEST_F(Safetensors, WritesTheNamedTensorsAsHalves) {
  TensorMap tensors = small_tensors();
  tensors["half"] = {{2, 3}, {0, -1.5f, 1.0f / 3, 65504, 1e-9f, 2048.9f}};
  tensors["none"] = {{0, 3}, {}};
  write_safetensors(file_, tensors, {}, {{"half", StoredType::f16}, {"none", StoredType::f16}});
  const std::string header = read_file(file_);
  EXPECT_THAT(header, HasSubstr(R"("half":{"dtype":"F16","shape":[2,3])"));
  TensorMap expected = tensors;
  for (float& value : expected["half"].values) value = from_half(to_half(value));
  const TensorMap loaded = read_safetensors(file_).tensors;
  expect_same(loaded, expected);
  EXPECT_EQ(loaded.at("half").values[3], 65504);
  EXPECT_THROW(write_safetensors(file_, tensors, {}, {{"not there", StoredType::f16}}),
               std::invalid_argument);
}

TEST_F(Safetensors, WritesTheNamedTensorsAsSmallIntegers) {
  TensorMap tensors = small_tensors();
  tensors["integers"] = {{2, 2}, {-128, 0, 1, 127}};
  write_safetensors(file_, tensors, {}, {{"integers", StoredType::i8}});
  EXPECT_THAT(read_file(file_), HasSubstr(R"("integers":{"dtype":"I8","shape":[2,2])"));
  expect_same(read_safetensors(file_).tensors, tensors);
  for (const float value : {0.5f, 128.0f, -129.0f, NAN}) {
    tensors["integers"].values[0] = value;
    EXPECT_THROW(write_safetensors(file_, tensors, {}, {{"integers", StoredType::i8}}),
                 std::invalid_argument)
        << value;
  }
}

TEST_F(Safetensors, GoesRoundBitForBit) {
  TensorMap tensors = small_tensors();
  Tensor odd{.shape = {5}, .values = {}};
  for (const std::uint32_t bits : {0x7FC00001u, 0xFF800000u, 0x00000001u, 0x80000000u, 0x7F7FFFFFu})
    odd.values.push_back(std::bit_cast<float>(bits));
  tensors["\u6b20\u9677 \"odd\"\n"] = odd;
  tensors[""] = odd;
  write_safetensors(file_, tensors, {{"", ""}, {"json", R"({"a": [1, "\u0000"]})"}});
  const SafetensorsFile content = read_safetensors(file_);
  expect_same(content.tensors, tensors);
  EXPECT_EQ(content.metadata.at("json"), R"({"a": [1, "\u0000"]})");

  const std::string bytes = read_file(file_);
  write_safetensors(file_, tensors, content.metadata);
  EXPECT_EQ(read_file(file_), bytes);
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), 8);
  EXPECT_EQ(header_bytes % 8, 0u);
}

TEST_F(Safetensors, HoldsNothingAtAll) {
  write_safetensors(file_, {});
  const SafetensorsFile content = read_safetensors(file_);
  EXPECT_TRUE(content.tensors.empty());
  EXPECT_TRUE(content.metadata.empty());
  EXPECT_TRUE(content.has_checksum);
}

TEST_F(Safetensors, ReadsATensorOfManyChunks) {
  Tensor large{.shape = {100, 1001}, .values = {}};
  for (int i = 0; i < 100100; ++i) large.values.push_back(static_cast<float>(i) / 7);
  std::string header = R"({"a":{"dtype":"F64","shape":[100,1001],"data_offsets":[0,800800]}})";
  const std::uint64_t size = header.size();
  std::string bytes(reinterpret_cast<const char*>(&size), 8);
  bytes += header;
  for (const double value : large.values)
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  write_file(file_, bytes);
  expect_same(read_safetensors(file_).tensors, {{"a", large}});
}

// A header that is padded less than ours shifts the floats to where no float can be.
TEST_F(Safetensors, MapsLargeTensorsWhereTheFileAllows) {
  Tensor large{.shape = {600, 500}, .values = {}};
  for (int i = 0; i < 300000; ++i) large.values.push_back(static_cast<float>(i));
  write_safetensors(file_, {{"large", large}, {"small", {.shape = {2}, .values = {1, 2}}}});
  SafetensorsFile content = read_safetensors(file_);
  EXPECT_TRUE(content.tensors.at("large").values.is_mapped());
  EXPECT_FALSE(content.tensors.at("small").values.is_mapped());
  EXPECT_EQ(content.tensors.at("large").values, large.values);
  EXPECT_THAT(content.tensors.at("small").values, ElementsAre(1, 2));

  content.tensors.at("large").values[3] = -1;
  EXPECT_EQ(read_safetensors(file_).tensors.at("large").values, large.values);

  std::string bytes = read_file(file_);
  for (std::size_t at; (at = bytes.find("steelsight.checksum")) != std::string::npos;)
    bytes.replace(at, 3, "any");  // no checksum that we know
  ++bytes[0];                     // the header's length
  bytes.insert(bytes.find("}}") + 2, " ");
  write_file(file_, bytes);
  const SafetensorsFile shifted = read_safetensors(file_);
  EXPECT_FALSE(shifted.tensors.at("large").values.is_mapped());
  EXPECT_EQ(shifted.tensors.at("large").values, large.values);
}

TEST_F(Safetensors, RefusesWhatIsNotAFile) {
  EXPECT_THAT([&] { read_safetensors(folder_ / "absent.safetensors"); },
              ThrowsMessage<ModelError>(HasSubstr("absent.safetensors: ")));
  EXPECT_THAT([&] { read_safetensors(folder_); },
              ThrowsMessage<ModelError>(HasSubstr("is a folder")));
  EXPECT_THAT([&] { read_safetensors("/dev/zero"); },
              ThrowsMessage<ModelError>(HasSubstr("/dev/zero: can't be read: it is a device")));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT([&] { read_safetensors(folder_ / "fifo"); },
              ThrowsMessage<ModelError>(HasSubstr("fifo: is a FIFO or device")));
  EXPECT_THROW(read_safetensors(""), ModelError);
}

TEST_F(Safetensors, RefusesToWriteWhatCannotBeRead) {
  const auto refuses = [&](const TensorMap& tensors, const char* message) {
    EXPECT_THAT([&] { write_safetensors(file_, tensors); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(message)));
    EXPECT_FALSE(fs::exists(file_));
  };
  refuses({{"w", {.shape = {2, 2}, .values = {1, 2, 3}}}}, "'w' has 3 values, expected 2x2");
  refuses({{"__metadata__", {}}}, "__metadata__");
  refuses({{"\xff", {.shape = {0}, .values = {}}}}, "not UTF-8");
  refuses({{"w", {.shape = std::vector<std::int64_t>(17, 1), .values = {1}}}}, "17 dimensions");
  EXPECT_THROW(write_safetensors(file_, {}, {{"a", "\xc3"}}), std::invalid_argument);
  // NOLINTNEXTLINE(bugprone-string-constructor): too long is what is tested
  EXPECT_THROW(write_safetensors(file_, {}, {{"a", std::string(100'000'001, 'x')}}),
               std::invalid_argument);
  EXPECT_THROW(write_safetensors(folder_, {}), FileError);
}

}  // namespace
}  // namespace steelsight::safetensors_test
