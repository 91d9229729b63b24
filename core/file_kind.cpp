#include "core/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/error.hpp"
#include "core/file_reader.hpp"

namespace steelsight {
namespace {

using namespace std::string_view_literals;

constexpr const char* kFromTorch =
    "convert it in Python: safetensors.torch.save_file(model.state_dict(), FILE); the README says "
    "more under \"Weights from outside\"";
constexpr const char* kFromKeras =
    "save it as HDF5 in Keras: model.save('NAME.h5'); the README says more under \"Weights from "
    "outside\"";
constexpr const char* kUnpack = "unpack it first";
constexpr const char* kDownload = "download the file itself";

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  const char* what;
  const char* advice;
};

// The first that fits counts.
constexpr std::array kSignatures{
    Signature{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file, as Keras writes weights",
              "give it to `train` as --weights, with --arch vgg16"},
    Signature{0, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv,
              "a pickle as old PyTorch writes it (.pth, .pt)", kFromTorch},
    Signature{0, "\x80\x02"sv, "a Python pickle", kFromTorch},
    Signature{0, "\x80\x03"sv, "a Python pickle", kFromTorch},
    Signature{0, "\x80\x04"sv, "a Python pickle", kFromTorch},
    Signature{0, "\x80\x05"sv, "a Python pickle", kFromTorch},
    Signature{4, "TFL3"sv, "a TensorFlow Lite model",
              "its weights can't be read; find the original"},
    Signature{0, "GGUF"sv, "a GGUF file", "it holds no network for images"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array (.npy)", ""},
    Signature{0, "\x1f\x8b"sv, "compressed by gzip", kUnpack},
    Signature{0, "BZh"sv, "compressed by bzip2", kUnpack},
    Signature{0, "\xfd\x37zXZ\0"sv, "compressed by xz", kUnpack},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "compressed by zstd", kUnpack},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", kUnpack},
    Signature{0, "Rar!\x1a"sv, "a RAR archive", kUnpack},
    Signature{257, "ustar"sv, "a tar archive", kUnpack},
    Signature{0, "version https://git-lfs.github.com/spec/"sv,
              "the pointer that git keeps in the place of a large file",
              "get the file itself with `git lfs pull`, or download it"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a program", ""},
    Signature{0, "%PDF"sv, "a PDF document", ""},
    Signature{0, "\x89PNG"sv, "a PNG image", ""},
    Signature{0, "\xff\xd8\xff"sv, "a JPEG image", ""},
    Signature{0, "II*\0"sv, "a TIFF image", ""},
    Signature{0, "MM\0*"sv, "a TIFF image", ""},
};

bool has_at(std::string_view bytes, std::size_t offset, std::string_view what) {
  return bytes.size() >= offset && bytes.substr(offset).starts_with(what);
}

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::uint8_t{0};
}

// The names of the first files in it tell who wrote it.
std::optional<FileKind> zip_kind(std::string_view begin) {
  if (!begin.starts_with("PK\3\4") && !begin.starts_with("PK\5\6")) return std::nullopt;
  const auto holds = [&](std::string_view name) {
    return begin.find(name) != std::string_view::npos;
  };
  if (holds("data.pkl") || holds("constants.pkl"))
    return FileKind{"a ZIP archive as PyTorch writes it (.pth, .pt)", kFromTorch};
  if (holds("model.weights.h5") || (holds("metadata.json") && holds("keras_version")))
    return FileKind{"a ZIP archive as Keras 3 writes it (.keras)", kFromKeras};
  if (holds(".npy")) return FileKind{"a ZIP archive of NumPy arrays (.npz)", ""};
  return FileKind{"a ZIP archive", std::string("if it is PyTorch's .pth or .pt, ") + kFromTorch +
                                       "; if it is Keras' .keras, " + kFromKeras};
}

// Protocol buffers have no signature: the first fields of the three that networks come in.
std::optional<FileKind> protobuf_kind(std::string_view begin) {
  constexpr std::uint8_t kFirstNumber = 0x08, kFirstText = 0x0a, kSecondText = 0x12;
  const auto at = [&](std::size_t i) { return byte_at(begin, i); };
  if (at(0) == kFirstNumber && at(1) == 1 && at(2) == kSecondText)
    return FileKind{"a TensorFlow model (saved_model.pb)", kFromKeras};
  if (at(0) == kFirstNumber && at(1) >= 2 && at(1) <= 32 && (at(2) & 7) == 2 &&
      at(2) >= kSecondText)
    return FileKind{"an ONNX model",
                    "ONNX can't be read; take the weights from the program that wrote it, as the "
                    "README says under \"Weights from outside\""};
  // A node: its length, then its name.
  const std::size_t name = (at(1) & 0x80) == 0 ? 2 : (at(2) & 0x80) == 0 ? 3 : 4;
  const std::size_t length = at(name + 1);
  if (at(0) == kFirstText && at(name) == kFirstText && length > 0 &&
      at(name + 2 + length) == kSecondText)
    return FileKind{"a TensorFlow graph (.pb)", kFromKeras};
  return std::nullopt;
}

// What fits on a line, for a server's "404: Not Found" in the place of a file.
std::optional<FileKind> text_kind(std::string_view begin) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  const auto is_text = [&](char c) {
    return is_space(c) || (c >= ' ' && c < '\x7f') || (c & 0x80) != 0;
  };
  if (begin.starts_with("\xef\xbb\xbf")) begin.remove_prefix(3);
  if (!std::ranges::all_of(begin, is_text)) return std::nullopt;
  const auto first = std::ranges::find_if_not(begin, is_space);
  if (first == begin.end()) return FileKind{"blank", kDownload};
  std::string line(first,
                   std::find_if(first, begin.end(), [](char c) { return c == '\r' || c == '\n'; }));
  constexpr std::size_t kShown = 40;
  std::string lower = line.substr(0, kShown);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (lower.starts_with("<!doctype html") || lower.starts_with("<html"))
    return FileKind{"a web page (HTML)", kDownload};
  if (lower.starts_with("<?xml")) return FileKind{"an XML text", kDownload};
  if (lower.starts_with("{"))
    return FileKind{"a JSON text", "a network is named by --arch, a configuration by --config",
                    /*is_text=*/true};
  if (line.size() > kShown) line = line.substr(0, kShown) + "...";
  return FileKind{"a text that begins with '" + line + "'", "", /*is_text=*/true};
}

std::optional<FileKind> safetensors_kind(std::string_view begin) {
  constexpr std::size_t kLength = 8;  // little-endian, at most 100 MB
  if (begin.size() <= kLength || begin.substr(4, 4) != "\0\0\0\0"sv || begin[kLength] != '{')
    return std::nullopt;
  return FileKind{"a safetensors file",
                  "a model is named by --model or --from, weights by --weights"};
}

}  // namespace

std::optional<FileKind> kind_of_bytes(std::string_view begin) {
  if (begin.empty()) return FileKind{"empty", "was a download or a copy cut off?"};
  for (const Signature& signature : kSignatures)
    if (has_at(begin, signature.offset, signature.bytes))
      return FileKind{signature.what, signature.advice};
  for (const auto kind : {safetensors_kind, zip_kind, text_kind, protobuf_kind})
    if (std::optional<FileKind> found = kind(begin)) return found;
  if (std::ranges::all_of(begin, [](char c) { return c == '\0'; }))
    return FileKind{"made of zeros", "was a download or a copy cut off?"};
  return std::nullopt;
}

std::optional<FileKind> kind_of_file(const fs::path& file) {
  try {
    const FileReader reader(file);
    std::string begin(std::min<std::uint64_t>(reader.size(), kFileKindBytes), '\0');
    if (!reader.read(begin.data(), begin.size(), 0)) return std::nullopt;
    return kind_of_bytes(begin);
  } catch (const FileError&) {
    return std::nullopt;
  }
}

std::string mistaken_for(const std::optional<FileKind>& kind, const std::string& expected) {
  if (!kind) return "";
  return "is " + kind->what + ", expected " + expected +
         (kind->advice.empty() ? "" : ": " + kind->advice);
}

}  // namespace steelsight
