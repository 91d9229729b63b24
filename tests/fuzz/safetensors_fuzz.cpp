// Safetensors files of any program.
#include <cstring>

#include "models/error.hpp"
#include "models/safetensors.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

bool same(const Tensor& a, const Tensor& b) {
  return a.shape == b.shape && a.values.size() == b.values.size() &&
         (a.values.empty() ||
          std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("given.safetensors");
  static const TemporaryFolder folder;
  file.fill(fuzzing::text_of(data, size));
  const auto content =
      fuzzing::read_or_refuse<ModelError>([&] { return read_safetensors(file.path()); });
  if (!content) return 0;
  const fs::path written = folder / "written.safetensors";
  write_safetensors(written, content->tensors, content->metadata);
  const SafetensorsFile again = read_safetensors(written);
  fuzzing::require(again.metadata == content->metadata, "the same metadata");
  fuzzing::require(again.tensors.size() == content->tensors.size(), "the same tensors");
  for (const auto& [name, tensor] : content->tensors)
    fuzzing::require(same(again.tensors.at(name), tensor), "the same values");
  return 0;
}
