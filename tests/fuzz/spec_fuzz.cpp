// Networks as JSON, and what is computed from their shapes before any memory is taken.
#include "models/error.hpp"
#include "models/feature_memory.hpp"
#include "models/quantization.hpp"
#include "models/spec.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

void count_everything(const NetworkSpec& spec) {
  const std::vector<LayerGraph> graph = resolve(spec);
  fuzzing::require(graph.size() == spec.layers.size(), "a node for each layer");
  fuzzing::require(activation_count(spec) > 0, "activations to be counted");
  fuzzing::require(parameter_count(spec) >= 0, "parameters to be counted");
  for (const std::int64_t count : multiply_adds(spec))
    fuzzing::require(count >= 0, "operations to be counted");
  with_features(spec, memory_layers(spec));
  for (const std::string& layer : quantizable_layers(spec)) value_read(spec, layer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzzing::text_of(data, size));
  const auto spec = fuzzing::read_or_refuse<ConfigError>(
      [&] { return network_spec_from_json(parse_json(text, "spec")); });
  if (!spec) return 0;
  const Json json = to_json(*spec);
  fuzzing::require(to_json(network_spec_from_json(json)) == json, "the same spec");
  fuzzing::read_or_refuse<ModelError>([&] {
    count_everything(*spec);
    return true;
  });
  return 0;
}
