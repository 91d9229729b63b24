#include "core/file_kind.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/atomic_file.hpp"

namespace steelsight::file_kind_test {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

struct Case {
  std::string bytes, what, advice;
};

// The beginning of files as the programs write them.
const std::vector<Case> kCases{
    {"", "empty", "cut off"},
    {std::string(100, '\0'), "made of zeros", "cut off"},
    {"PK\3\4"s + std::string(26, '\0') + "archive/data.pkl", "PyTorch", "safetensors.torch"},
    {"PK\3\4"s + std::string(26, '\0') + "code/__torch__.py" + "...constants.pkl", "PyTorch",
     "safetensors.torch"},
    {"PK\3\4"s + std::string(26, '\0') + R"(metadata.json{"keras_version": "3.3.3"})", "Keras 3",
     "model.save"},
    {"PK\3\4"s + std::string(26, '\0') + "arr_0.npy", "NumPy", ""},
    {"PK\3\4aaaaaaaaaaaa", "a ZIP archive", "PyTorch's .pth"},
    {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s, "old PyTorch",
     "safetensors.torch"},
    {"\x80\x04\x95"s, "pickle", "safetensors.torch"},
    {"\x08\x07\x12\x07pytorch\x1a\x05"s + "1.8.1", "ONNX", "program that wrote it"},
    {"\x08\x01\x12\xa0\x02\x0a"s, "saved_model.pb", "Keras"},
    {"\x0a\x2d\x0a\x05input\x12\x0bPlaceholder"s, "TensorFlow graph", "Keras"},
    {"\x1c\0\0\0TFL3"s, "TensorFlow Lite", ""},
    {"\x89HDF\r\n\x1a\n\0"s, "HDF5", "--weights"},
    {"\x10\0\0\0\0\0\0\0{\"a\":"s, "safetensors", "--model"},
    {"\x1f\x8b\x08\0"s, "gzip", "unpack"},
    {"\xfd"
     "7zXZ\0"s,
     "xz", "unpack"},
    {std::string(257, 'a') + "ustar", "tar", "unpack"},
    {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "pointer", "git lfs pull"},
    {"\n <!DOCTYPE html>\n<html>", "HTML", "download"},
    {"<HTML><head>", "HTML", "download"},
    {"<?xml version=\"1.0\"?><Error>", "XML", "download"},
    {"404: Not Found", "'404: Not Found'", ""},
    {" {\"input\": 1}", "JSON", "--arch"},
    {"path,label\r\na.bmp,Cr\n", "'path,label'", ""},
    {" \n", "blank", "download"},
};

TEST(FileKind, IsToldByTheFirstBytes) {
  for (const Case& c : kCases) {
    const std::optional<FileKind> kind = kind_of_bytes(c.bytes);
    ASSERT_TRUE(kind) << c.what;
    EXPECT_THAT(kind->what, HasSubstr(c.what));
    EXPECT_THAT(kind->advice, HasSubstr(c.advice)) << c.what;
  }
}

TEST(FileKind, OfUnknownBytesIsNone) {
  for (const std::string& bytes : {"\1\2\3\4"s, "\xff\0\xff\0"s, "\x08"s, "\x0b\n"s})
    EXPECT_FALSE(kind_of_bytes(bytes));
  EXPECT_EQ(mistaken_for(std::nullopt, "a model"), "");
}

TEST(FileKind, OfAFileWaitsForNothing) {
  const fs::path folder = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%%%");
  fs::create_directories(folder);
  write_file(folder / "page", "<html>" + std::string(10000, ' '));
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(mistaken_for(kind_of_file(folder / "page"), "a model"),
            "is a web page (HTML), expected a model: download the file itself");
  for (const fs::path& none : {folder / "fifo", folder, folder / "missing"})
    EXPECT_FALSE(kind_of_file(none));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace steelsight::file_kind_test
