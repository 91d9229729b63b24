#include "pipeline/quantize/activation_ranges.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/interrupt.hpp"

namespace steelsight {
namespace {

constexpr unsigned kBinBits = 16;  // bits of a number that don't count

std::uint32_t bits_of_magnitude(float number) {
  return std::bit_cast<std::uint32_t>(number) & 0x7FFF'FFFFu;
}

// The observed values one behind the other as the network's output, and how long each is.
struct Observed {
  NetworkSpec spec;
  std::vector<std::pair<std::string, std::size_t>> parts;
};

// `name`, longer if a layer is called so already.
std::string unused_name(const NetworkSpec& spec, std::string name) {
  while (std::ranges::count(spec.layers, name, &LayerSpec::name) > 0) name += "'";
  return name;
}

Observed observe(NetworkSpec spec, const std::set<std::string>& values) {
  Observed observed{.spec = std::move(spec), .parts = {}};
  const std::vector<LayerGraph> graph = resolve(observed.spec);
  std::vector<std::string> vectors;
  const std::size_t count = graph.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = observed.spec.layers[i].name;
    if (!values.contains(name)) continue;
    observed.parts.emplace_back(name, static_cast<std::size_t>(element_count(graph[i].output)));
    vectors.push_back(name);
    if (graph[i].output.size() == 1) continue;
    vectors.back() = unused_name(observed.spec, name + "/observed");
    observed.spec.layers.push_back(
        {.type = LayerType::flatten, .name = vectors.back(), .inputs = {name}});
  }
  if (vectors.size() > 1)
    observed.spec.layers.push_back({.type = LayerType::concat,
                                    .name = unused_name(observed.spec, "observed"),
                                    .inputs = vectors});
  return observed;
}

}  // namespace

void MagnitudeCounts::add(std::span<const float> numbers) {
  total_ += numbers.size();
  for (const float number : numbers) {
    ++counts_[bits_of_magnitude(number) >> kBinBits];
    largest_ = std::max(largest_, std::abs(number));
    has_negative_ = has_negative_ || number < 0;
  }
}

float MagnitudeCounts::quantile(double share) const {
  if (total_ == 0 || share >= 1) return largest_;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
  std::uint64_t below = 0;
  for (std::uint32_t bin = 0; bin < counts_.size(); ++bin) {
    below += counts_[bin];
    if (below < wanted) continue;
    const float end = std::bit_cast<float>((bin + 1) << kBinBits);
    return std::min(end, largest_);
  }
  return largest_;
}

std::map<std::string, MagnitudeCounts> count_magnitudes(Backend& backend, const NetworkSpec& spec,
                                                        const TensorMap& parameters,
                                                        const std::set<std::string>& values,
                                                        ExampleSource& examples,
                                                        const std::stop_token& stop) {
  const Observed observed = observe(spec, values);
  std::map<std::string, MagnitudeCounts> counts;
  for (const std::string& value : values) counts[value];
  // One image: all values of a large network at once are much.
  InferenceNetwork network(backend, observed.spec, parameters, {.batch_size = 1});
  const auto floats = static_cast<std::size_t>(element_count(network.input_shape()));
  std::vector<float> output(static_cast<std::size_t>(element_count(network.output_shape())));

  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  examples.start(std::move(order), Random(0));
  while (const std::optional<Batch> batch = examples.next()) {
    throw_if_stopped(stop, "ranges were counted");
    for (std::size_t i = 0; i < batch->items.size(); ++i) {
      if (!batch->errors[i].empty()) continue;
      const std::span<const float> image = std::span(batch->planes).subspan(i * floats, floats);
      if (values.contains("input")) counts["input"].add(image);
      network.run(image, 1, output);
      std::span<const float> rest = output;
      for (const auto& [name, length] : observed.parts) {
        counts[name].add(rest.first(length));
        rest = rest.subspan(length);
      }
    }
  }
  return counts;
}

IntegerRange range_of(const MagnitudeCounts& counts, double share) {
  const float bound = counts.quantile(share);
  IntegerRange range{.step = 1, .is_signed = counts.is_signed()};
  if (bound > 0) range.step = bound / (range.is_signed ? 127.0f : 255.0f);
  return range;
}

}  // namespace steelsight
