// Files for --config, as every command reads its section of them.
#include <array>

#include "pipeline/bench/bench.hpp"
#include "pipeline/check/check.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/explore/explore.hpp"
#include "pipeline/extend/extend.hpp"
#include "pipeline/extract/extract.hpp"
#include "pipeline/predict/classify.hpp"
#include "pipeline/predict/evaluate.hpp"
#include "pipeline/quantize/quantize.hpp"
#include "pipeline/search/search.hpp"
#include "pipeline/train/train.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

struct Section {
  const char* name;
  Json (*defaults)();
  Json (*read)(const Json& json);  // and written again
};

constexpr std::array<Section, 10> kSections{{
    {"train", [] { return to_json(TrainConfig{}); },
     [](const Json& json) { return to_json(train_config_from_json(json)); }},
    {"classify", [] { return to_json(ClassifyConfig{}); },
     [](const Json& json) { return to_json(classify_config_from_json(json)); }},
    {"evaluate", [] { return to_json(EvaluateConfig{}); },
     [](const Json& json) { return to_json(evaluate_config_from_json(json)); }},
    {"check", [] { return to_json(CheckConfig{}); },
     [](const Json& json) { return to_json(check_config_from_json(json)); }},
    {"search", [] { return to_json(SearchConfig{}); },
     [](const Json& json) { return to_json(search_config_from_json(json)); }},
    {"extend", [] { return to_json(ExtendConfig{}); },
     [](const Json& json) { return to_json(extend_config_from_json(json)); }},
    {"extract", [] { return to_json(ExtractConfig{}); },
     [](const Json& json) { return to_json(extract_config_from_json(json)); }},
    {"explore", [] { return to_json(ExploreConfig{}); },
     [](const Json& json) { return to_json(explore_config_from_json(json)); }},
    {"quantize", [] { return to_json(QuantizeConfig{}); },
     [](const Json& json) { return to_json(quantize_config_from_json(json)); }},
    {"bench", [] { return to_json(BenchConfig{}); },
     [](const Json& json) { return to_json(bench_config_from_json(json)); }},
}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("config.json");
  const std::string_view text = fuzzing::text_of(data, size);
  file.fill(text);
  for (const Section& section : kSections) {
    if (text.find('"' + std::string(section.name) + '"') == std::string_view::npos) continue;
    const auto config = fuzzing::read_or_refuse<ConfigError>([&] {
      return section.read(
          gather_config(section.name, section.defaults(), {.file = file.path().string()}));
    });
    if (config) fuzzing::require(section.read(*config) == *config, "the same configuration");
  }
  return 0;
}
