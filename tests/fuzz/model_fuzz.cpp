// Model files, up to where a network would be built.
#include "models/error.hpp"
#include "models/model_file.hpp"
#include "pipeline/features/preparation.hpp"
#include "pipeline/predict/classifier.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("given.safetensors");
  static const TemporaryFolder folder;
  file.fill(fuzzing::text_of(data, size));
  const auto model = fuzzing::read_or_refuse<ModelError>([&] { return load_model(file.path()); });
  if (!model) return 0;
  fuzzing::read_or_refuse<ModelError>([&] { return preparation_of(*model); });
  fuzzing::read_or_refuse<ModelError>([&] { return calibration_of(*model); });
  if (!model->quantization.empty()) return 0;  // rounded when it is written
  const fs::path written = folder / "written.safetensors";
  save_model(written, *model);
  const Model again = load_model(written);
  fuzzing::require(to_json(again.spec) == to_json(model->spec), "the same network");
  fuzzing::require(again.class_names == model->class_names, "the same classes");
  fuzzing::require(again.trained_images == model->trained_images, "the same images");
  fuzzing::require(again.memory.labels == model->memory.labels, "the same memory");
  return 0;
}
