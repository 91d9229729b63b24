// The JSON parts that models and configurations hold: {"schedule": {...}, "loss": {...}, ...}.
#include <map>

#include "evaluation/calibration.hpp"
#include "models/kernel_choices.hpp"
#include "models/loss.hpp"
#include "models/optimizer.hpp"
#include "models/quantization.hpp"
#include "models/schedule.hpp"
#include "preprocessing/augmentation.hpp"
#include "preprocessing/preprocessing.hpp"
#include "preprocessing/table_scaling.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

// Reads a part and writes it again.
using Part = Json (*)(const Json& json);

const std::map<std::string, Part> kParts{
    {"augmentation", [](const Json& json) { return to_json(augmentation_from_json(json)); }},
    {"preprocessing", [](const Json& json) { return to_json(preprocessing_from_json(json)); }},
    {"scaling", [](const Json& json) { return to_json(table_scaling_from_json(json)); }},
    {"quantization", [](const Json& json) { return to_json(quantization_from_json(json)); }},
    {"kernels", [](const Json& json) { return to_json(kernel_timings_from_json(json, "/k")); }},
    {"optimizer", [](const Json& json) { return to_json(parse_optimizer(json, "/optimizer")); }},
    {"schedule", [](const Json& json) { return to_json(parse_schedule(json, "/schedule")); }},
    {"loss", [](const Json& json) { return to_json(parse_loss(json, "/loss")); }},
    {"calibration",
     [](const Json& json) {
       const auto calibration = calibration_from_json(json);
       return calibration ? to_json(*calibration) : Json::object();
     }},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzzing::text_of(data, size));
  const auto json = fuzzing::read_or_refuse<ConfigError>([&] { return parse_json(text, "json"); });
  if (!json || !json->is_object()) return 0;
  for (const auto& item : json->items()) {
    const auto part = kParts.find(item.key());
    if (part == kParts.end()) continue;
    const Part read = part->second;
    const auto once = fuzzing::read_or_refuse<ConfigError>([&] { return read(item.value()); });
    if (once) fuzzing::require(read(*once) == *once, "the same " + item.key());
  }
  return 0;
}
