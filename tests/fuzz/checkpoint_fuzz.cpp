// Checkpoints.
#include "models/error.hpp"
#include "pipeline/train/checkpoint.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("given.safetensors");
  static const TemporaryFolder folder;
  file.fill(fuzzing::text_of(data, size));
  const auto checkpoint =
      fuzzing::read_or_refuse<ModelError>([&] { return load_checkpoint(file.path()); });
  if (!checkpoint) return 0;
  const fs::path written = folder / "written.safetensors";
  save_checkpoint(written, *checkpoint);
  const Checkpoint again = load_checkpoint(written);
  fuzzing::require(to_json(again.identity) == to_json(checkpoint->identity), "the same run");
  fuzzing::require(again.phase == checkpoint->phase && again.epoch == checkpoint->epoch,
                   "the same place");
  fuzzing::require(
      again.log.size() == checkpoint->log.size() && again.best.size() == checkpoint->best.size(),
      "the same log and best");
  fuzzing::require(again.learner.has_value() == checkpoint->learner.has_value(), "the learner");
  return 0;
}
