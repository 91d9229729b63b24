#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "models/fold.hpp"
#include "models/network.hpp"
#include "models/onednn/graph.hpp"
#include "models/onednn/integer.hpp"

namespace steelsight {

using onednn::Builder;
using onednn::Value;

namespace {

// The steps of a layer: those before `end` that are no earlier layer's.
struct Section {
  std::string layer;
  std::size_t end;
};

}  // namespace

struct InferenceNetwork::Program {
  dnnl::stream stream;
  std::int64_t batch_size;
  Shape input_shape, output_shape;
  std::vector<float> input, output;  // plain: N,C,H,W and N,K
  onednn::Steps steps;
  std::vector<Section> sections;
  std::vector<Value> persistent;  // weights
  onednn::BufferPool pool;
};

namespace {

// A value is dropped after its last reader is built, so that its buffer can be used again.
Value build_forward(Builder& builder, const onednn::Graph& graph, const Quantization& quantization,
                    const Value& input, std::vector<Section>& sections) {
  const auto integers = onednn::plan_integers(graph, quantization);
  std::vector<Value> values(graph.readers.size());
  std::vector<std::size_t> readers = graph.readers;
  values[0] = input;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const onednn::Node& node = graph.nodes[i];
    onednn::LayerArguments arguments{*node.layer, {}, node.activation};
    for (const std::size_t value : node.inputs) {
      arguments.inputs.push_back(values[value]);
      if (--readers[value] == 0) values[value] = {};
    }
    if (!integers[i] && node.layer->type != LayerType::maxpool)  // which is the same on integers
      for (Value& value : arguments.inputs) value = onednn::to_floats(builder, value);
    values[node.output] = integers[i] ? onednn::build_integer_conv(builder, arguments, *integers[i])
                                      : onednn::build_layer(builder, arguments).output;
    sections.push_back({node.layer->name, builder.forward.size()});
  }
  return onednn::to_floats(builder, values[graph.output]);
}

}  // namespace

InferenceNetwork::InferenceNetwork(Backend& backend, NetworkSpec spec, TensorMap parameters,
                                   Options options)
    : program_(std::make_unique<Program>()) {
  check_parameters(spec, parameters);
  simplify_for_inference(spec, parameters);
  const std::vector<LayerGraph> layers = resolve(spec);
  Program& program = *program_;
  program.batch_size = options.batch_size;
  program.input_shape = spec.input;
  program.output_shape = layers.back().output;
  const auto batch_of = [&](const Shape& shape) {
    return static_cast<std::size_t>(element_count(onednn::batch_dims(options.batch_size, shape)));
  };
  program.input.resize(batch_of(program.input_shape));
  program.output.resize(batch_of(program.output_shape));

  onednn::guarded("building the network", [&] {
    program.stream = backend.context().stream;
    Builder builder(backend.context(), onednn::Mode::inference, parameters, nullptr);
    const auto view = [&](std::vector<float>& values, const Shape& shape) {
      return builder.view(values, onednn::batch_dims(options.batch_size, shape));
    };
    const Value output =
        build_forward(builder, onednn::plan(spec, onednn::Mode::inference), options.quantization,
                      view(program.input, program.input_shape), program.sections);
    builder.copy(output, view(program.output, program.output_shape));
    program.sections.push_back({"output", builder.forward.size()});
    program.steps = std::move(builder.forward);
    program.persistent = std::move(builder.persistent);
    program.pool = std::move(builder.pool());
  });
}

InferenceNetwork::~InferenceNetwork() = default;

std::int64_t InferenceNetwork::batch_size() const {
  return program_->batch_size;
}
const Shape& InferenceNetwork::input_shape() const {
  return program_->input_shape;
}
const Shape& InferenceNetwork::output_shape() const {
  return program_->output_shape;
}
std::size_t InferenceNetwork::activation_bytes() const {
  return program_->pool.bytes();
}

void InferenceNetwork::run(std::span<const float> input, std::int64_t count,
                           std::span<float> output) {
  Program& program = *program_;
  if (count < 1 || count > program.batch_size)
    throw std::invalid_argument("run of " + std::to_string(count) + " images, expected 1 to " +
                                std::to_string(program.batch_size));
  const auto share = [&](const std::vector<float>& whole) {
    return whole.size() / static_cast<std::size_t>(program.batch_size) *
           static_cast<std::size_t>(count);
  };
  if (input.size() != share(program.input) || output.size() != share(program.output))
    throw std::invalid_argument("run with " + std::to_string(input.size()) + " inputs and " +
                                std::to_string(output.size()) + " outputs, expected " +
                                std::to_string(share(program.input)) + " and " +
                                std::to_string(share(program.output)));
  std::ranges::copy(input, program.input.begin());
  std::fill(program.input.begin() + static_cast<std::ptrdiff_t>(input.size()), program.input.end(),
            0.0f);
  onednn::guarded("running the network", [&] { onednn::run(program.steps, program.stream); });
  std::copy_n(program.output.begin(), output.size(), output.begin());
}

std::vector<LayerTime> InferenceNetwork::run_timed() {
  using Clock = std::chrono::steady_clock;
  Program& program = *program_;
  std::vector<LayerTime> times;
  onednn::guarded("running the network", [&] {
    std::size_t first = 0;
    for (const Section& section : program.sections) {
      if (first == section.end) continue;  // flattening moves nothing
      const auto steps = std::span(program.steps).subspan(first, section.end - first);
      first = section.end;
      const Clock::time_point begin = Clock::now();
      onednn::run(steps, program.stream);
      const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
      times.push_back({section.layer, onednn::kernel_name(steps.back()), time.count()});
    }
  });
  return times;
}

}  // namespace steelsight
