// Weights files of Keras, damaged ones and hostile ones.
#include "models/keras_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "core/atomic_file.hpp"
#include "models/error.hpp"
#include "tests/models/keras_writer.hpp"

namespace steelsight::keras_file_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

class KerasFile : public testing::Test {
 protected:
  KerasFile() { fs::create_directories(folder_); }
  ~KerasFile() override { fs::remove_all(folder_); }

  // A layer "d" whose group and tensor "kernel:0" the test makes, and one that is right.
  H5::H5File begin() const {
    H5::H5File content(file_.string(), H5F_ACC_TRUNC);
    const H5::Group root = content.openGroup("/");
    write_names(root, "layer_names", {"c", "d"});
    write_layer(root, {"c", {{"bias:0", {{2}, {1, 2}}}}});
    return content;
  }
  static H5::Group begin_layer(const H5::H5File& content) {
    H5::Group layer = content.createGroup("d");
    write_names(layer, "weight_names", {"kernel:0"});
    return layer;
  }
  void expect_error(const std::string& where, const std::string& what) const {
    EXPECT_THAT([&] { read_keras_file(file_); },
                ThrowsMessage<ModelError>(
                    AllOf(HasSubstr(file_.string()), HasSubstr(where), HasSubstr(what))));
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
  const fs::path file_ = folder_ / "keras.h5";
};

TEST_F(KerasFile, ReadsLayersInTheirOrder) {
  write_keras_file(file_, {{"z", {{"kernel:0", {{1, 2}, {3, 4}}}, {"bias:0", {{2}, {5, 6}}}}},
                           {"pool", {}},
                           {"a", {{"inner/bias:0", {{1}, {7}}}}}});
  EXPECT_TRUE(is_hdf5(file_));
  const std::vector<KerasLayer> layers = read_keras_file(file_);
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_EQ(layers[0].name, "z");
  ASSERT_THAT(layers[0].weights, SizeIs(2));
  EXPECT_EQ(layers[0].weights[0].name, "kernel:0");
  EXPECT_THAT(layers[0].weights[0].tensor.shape, ElementsAre(1, 2));
  EXPECT_THAT(layers[0].weights[1].tensor.values, ElementsAre(5, 6));
  EXPECT_EQ(layers[1].weights[0].name, "inner/bias:0");
}

TEST_F(KerasFile, ReadsHalvesAndDoubles) {
  H5::H5File content = begin();
  H5::Group layer = content.createGroup("d");
  H5::FloatType half(H5::PredType::IEEE_F32LE);
  half.setFields(15, 10, 5, 0, 10);
  half.setSize(2);
  half.setEbias(15);
  const std::vector<float> values{0.5f, -3};
  layer.createDataSet("half", half, space_of({2})).write(values.data(), H5::PredType::NATIVE_FLOAT);
  layer.createDataSet("double", H5::PredType::IEEE_F64BE, space_of({2}))
      .write(values.data(), H5::PredType::NATIVE_FLOAT);
  write_names(layer, "weight_names", {"half", "double"});
  layer.close();
  content.close();  // it is read by another process
  const std::vector<KerasLayer> layers = read_keras_file(file_);
  EXPECT_EQ(layers[1].weights[0].tensor.values, values);
  EXPECT_EQ(layers[1].weights[1].tensor.values, values);
}

TEST_F(KerasFile, RefusesAFileCutAnywhere) {
  write_keras_file(file_, {{"c", {{"kernel:0", {{8, 8}, std::vector<float>(64)}}}}});
  const std::string bytes = read_file(file_);
  EXPECT_THAT(read_keras_file(file_), SizeIs(1));
  for (std::size_t size = 0; size < bytes.size(); size += 61) {
    write_file(file_, bytes.substr(0, size));
    expect_error("", "is damaged or no HDF5 file");
  }
}

// A flipped bit is an error with a sentence, or just another number. HDF5's library reads beyond
// its memory for some of these files, and crashes for a few: this process must not.
TEST_F(KerasFile, SurvivesDamageAnywhere) {
  write_keras_file(file_, {{"c", {{"kernel:0", {{8, 8}, std::vector<float>(64)}}}}});
  const std::string bytes = read_file(file_);
  int refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += bytes[at] == 0 ? 29 : 3) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    fs::remove(file_);
    std::ofstream(file_.string(), std::ios::binary) << damaged;  // not synced
    try {
      read_keras_file(file_);
    } catch (const ModelError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

// A tensor may name another file for its values: nobody's letters become weights.
TEST_F(KerasFile, ReadsNoOtherFile) {
  write_file(folder_ / "secret", std::string(400, 's'));
  {
    H5::DSetCreatPropList elsewhere;
    elsewhere.setExternal((folder_ / "secret").c_str(), 0, 400);
    begin_layer(begin()).createDataSet("kernel:0", H5::PredType::IEEE_F32LE, space_of({10, 10}),
                                       elsewhere);
  }
  expect_error("'d/kernel:0'", "is missing or damaged");
}

TEST_F(KerasFile, WaitsForNoFifoAndReadsNoDevice) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_FALSE(is_hdf5(file_));
  expect_error("", "is a FIFO or device");
  EXPECT_THAT([&] { read_keras_file(folder_); },
              ThrowsMessage<ModelError>(HasSubstr("is a folder")));
}

TEST_F(KerasFile, RefusesOtherFiles) {
  write_file(file_, "not HDF5 at all");
  EXPECT_FALSE(is_hdf5(file_));
  expect_error("", "is damaged or no HDF5 file");
  EXPECT_FALSE(is_hdf5(folder_ / "missing.h5"));
  EXPECT_THROW(read_keras_file(folder_ / "missing.h5"), ModelError);
  H5::H5File(file_.string(), H5F_ACC_TRUNC).createGroup("layers");  // as Keras 3 writes it
  expect_error("'layer_names'", "Keras 3");
}

TEST_F(KerasFile, NamesALayerThatIsMissing) {
  begin();
  expect_error("layer 'd'", "is missing or damaged");
}

TEST_F(KerasFile, NamesATensorThatIsMissing) {
  begin_layer(begin());
  expect_error("'d/kernel:0'", "is missing or damaged");
}

TEST_F(KerasFile, RefusesAGroupForATensor) {
  begin_layer(begin()).createGroup("kernel:0");
  expect_error("'d/kernel:0'", "is missing or damaged");
}

TEST_F(KerasFile, RefusesNumbersForNames) {
  begin().createGroup("d").createAttribute("weight_names", H5::PredType::NATIVE_INT, space_of({3}));
  expect_error("'weight_names'", "is not a list of texts");
}

TEST_F(KerasFile, RefusesIntegers) {
  begin_layer(begin()).createDataSet("kernel:0", H5::PredType::STD_I32LE, space_of({2}));
  expect_error("'d/kernel:0'", "is not of a floating-point type");
}

TEST_F(KerasFile, RefusesTooManyDimensions) {
  begin_layer(begin()).createDataSet("kernel:0", H5::PredType::IEEE_F32LE,
                                     space_of({1, 1, 1, 1, 1, 1, 1, 1, 1}));
  expect_error("'d/kernel:0'", "has 9 dimensions, expected at most 8");
}

// Compressed zeros take no room in the file: nothing may be allocated by what it claims.
TEST_F(KerasFile, RefusesTensorsThatAreLargerThanTheFile) {
  for (const auto& [shape, what] :
       {std::pair{std::vector<std::int64_t>{std::int64_t{1} << 40, 2},
                  "dimension of 1099511627776"},
        {std::vector<std::int64_t>{1000, 2000}, "8000000 bytes, more than the whole file"}}) {
    H5::DSetCreatPropList compressed;
    const std::array<hsize_t, 2> chunk{1000, 2};
    compressed.setChunk(2, chunk.data());
    compressed.setDeflate(9);
    begin_layer(begin()).createDataSet("kernel:0", H5::PredType::IEEE_F32LE, space_of(shape),
                                       compressed);
    expect_error("'d/kernel:0'", what);
  }
}

// One tensor listed a thousand times.
TEST_F(KerasFile, RefusesTensorsThatAreTogetherLargerThanTheFile) {
  {
    const H5::H5File content(file_.string(), H5F_ACC_TRUNC);
    write_layer(content.openGroup("/"), {"c", {{"k", {{1000}, std::vector<float>(1000)}}}});
    write_names(content.openGroup("/"), "layer_names", std::vector<std::string>(1000, "c"));
  }
  expect_error("'c/k'", "more than the whole file");
}

}  // namespace
}  // namespace steelsight::keras_file_test
