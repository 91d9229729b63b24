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
    {"train", [] { return train_fields().write({}); },
     [](const Json& json) { return train_fields().write(train_fields().read(json, "/train")); }},
    {"classify", [] { return classify_fields().write({}); },
     [](const Json& json) {
       return classify_fields().write(classify_fields().read(json, "/classify"));
     }},
    {"evaluate", [] { return evaluate_fields().write({}); },
     [](const Json& json) {
       return evaluate_fields().write(evaluate_fields().read(json, "/evaluate"));
     }},
    {"check", [] { return check_fields().write({}); },
     [](const Json& json) { return check_fields().write(check_fields().read(json, "/check")); }},
    {"search", [] { return to_json(SearchConfig{}); },
     [](const Json& json) { return to_json(search_config_from_json(json)); }},
    {"extend", [] { return extend_fields().write({}); },
     [](const Json& json) { return extend_fields().write(extend_fields().read(json, "/extend")); }},
    {"extract", [] { return extract_fields().write({}); },
     [](const Json& json) {
       return extract_fields().write(extract_fields().read(json, "/extract"));
     }},
    {"explore", [] { return explore_fields().write({}); },
     [](const Json& json) {
       return explore_fields().write(explore_fields().read(json, "/explore"));
     }},
    {"quantize", [] { return quantize_fields().write({}); },
     [](const Json& json) {
       return quantize_fields().write(quantize_fields().read(json, "/quantize"));
     }},
    {"bench", [] { return bench_fields().write({}); },
     [](const Json& json) { return bench_fields().write(bench_fields().read(json, "/bench")); }},
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
