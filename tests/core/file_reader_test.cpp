#include "core/file_reader.hpp"

#include <gmock/gmock.h>

#include <string>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace steelsight::file_reader_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class FileReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    for (int i = 0; i < 10000; ++i) text_ += static_cast<char>('a' + i % 23);
    write_file(path_, text_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string text(const std::shared_ptr<std::byte>& bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.get()), size};
  }

  const fs::path folder_ = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  const fs::path path_ = folder_ / "letters";
  std::string text_;
};

TEST_F(FileReaderTest, ReadsAnyPart) {
  const FileReader reader(path_);
  EXPECT_EQ(reader.size(), text_.size());
  std::string part(300, ' ');
  EXPECT_TRUE(reader.read(part.data(), part.size(), 4000));
  EXPECT_EQ(part, text_.substr(4000, 300));
  EXPECT_FALSE(reader.read(part.data(), part.size(), text_.size() - 299));
}

TEST_F(FileReaderTest, MapsAnyPartWhichStaysWhenTheReaderIsGone) {
  const auto bytes = FileReader(path_).map(5000, 4099);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(text(bytes, 5000), text_.substr(4099, 5000));
}

TEST_F(FileReaderTest, MapsNothingBeyondTheEnd) {
  const FileReader reader(path_);
  EXPECT_TRUE(reader.map(text_.size(), 0));
  EXPECT_FALSE(reader.map(text_.size(), 1));
  EXPECT_FALSE(reader.map(text_.size() + 1, 0));
  EXPECT_FALSE(reader.map(0, 0));
}

TEST_F(FileReaderTest, WhatIsWrittenIntoAMappingIsSeenNowhereElse) {
  const FileReader reader(path_);
  const auto one = reader.map(100, 0), other = reader.map(100, 0);
  one.get()[0] = std::byte{'!'};
  EXPECT_EQ(text(other, 100), text_.substr(0, 100));
  EXPECT_EQ(read_file(path_), text_);
}

TEST_F(FileReaderTest, AReplacedFileIsReadAsItWas) {
  const FileReader reader(path_);
  const auto bytes = reader.map(text_.size(), 0);
  write_file(path_, "another");
  EXPECT_EQ(text(bytes, text_.size()), text_);
}

TEST_F(FileReaderTest, SaysWhichFileCanNotBeRead) {
  EXPECT_THAT([&] { FileReader reader(folder_ / "none"); },
              ThrowsMessage<FileError>(HasSubstr("none: can't be read: No such file")));
}

}  // namespace
}  // namespace steelsight::file_reader_test
