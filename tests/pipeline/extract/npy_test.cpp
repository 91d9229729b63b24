#include "pipeline/extract/npy.hpp"

#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "datasets/error.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::npy_test {
namespace {

// What numpy.save writes for an array of this header.
std::string npy(const std::string& header, const std::string& values, char version = 1) {
  std::string text = std::string("\x93NUMPY") + version + '\0';
  text += static_cast<char>(header.size());
  text += std::string(version == 1 ? 1 : 3, '\0');
  return text + header + values;
}

const std::string kHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";
const std::string kOneTwo("\0\0\x80\x3f\0\0\0\x40", 8);

class Npy : public testing::Test {
 protected:
  NpyArray read(const std::string& bytes) const {
    write_file(folder_ / "a.npy", bytes);
    return read_npy(folder_ / "a.npy");
  }
  const TemporaryFolder folder_;
};

TEST_F(Npy, ReadsWhatNumpyWrites) {
  for (const char version : {1, 2}) {
    const NpyArray array = read(npy(kHeader, kOneTwo, version));
    EXPECT_EQ(array.shape, (std::vector<std::int64_t>{1, 2}));
    EXPECT_EQ(array.values, (std::vector<float>{1, 2}));
  }
}

TEST_F(Npy, ReadsAnArrayWithoutValues) {
  std::string header = kHeader;
  const NpyArray array = read(npy(header.replace(header.find("(1"), 2, "(0"), ""));
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{0, 2}));
  EXPECT_TRUE(array.values.empty());
}

TEST_F(Npy, ReadsWhatItWrites) {
  NpyWriter writer(folder_ / "b.npy", {2, 3});
  writer.write(std::vector<float>{1, 2, 3, 4, 5, 6});
  writer.commit();
  EXPECT_EQ(read_npy(folder_ / "b.npy").values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST_F(Npy, RefusesWhatIsNot) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string header = kHeader;
    return npy(header.replace(header.find(from), from.size(), to), kOneTwo);
  };
  for (const std::string& bytes :
       {std::string(), std::string("\x93NUMPY"), std::string(100, 'x'), npy(kHeader, kOneTwo, 3),
        npy(kHeader, ""), npy(kHeader, kOneTwo + "x"), npy(kHeader, kOneTwo).substr(0, 20),
        with("<f4", "<f8"), with("<f4", ">f4"), with("False", "True"), with("shape", "shade"),
        with("(1, 2)", "(1, 99999999999999999999)"), with("(1, 2)", "(4611686018427387904, 4)")})
    EXPECT_THROW(read(bytes), DatasetError) << bytes;
  EXPECT_THROW(read_npy(folder_ / "missing.npy"), FileError);
}

TEST_F(Npy, HasStackForALongListOfSizes) {
  const std::string sizes(1 << 20, ' ');
  const std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, " + sizes + "2), }";
  std::string bytes = "\x93NUMPY\2" + std::string(1, '\0');
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(header.size() >> 8 * i & 0xff);
  EXPECT_EQ(read(bytes + header + kOneTwo).shape, (std::vector<std::int64_t>{1, 2}));
}

}  // namespace
}  // namespace steelsight::npy_test
