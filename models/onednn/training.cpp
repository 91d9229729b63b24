#include <algorithm>
#include <stdexcept>

#include "models/network.hpp"
#include "models/onednn/graph.hpp"

namespace steelsight {

using onednn::Builder;
using onednn::Value;

struct TrainingNetwork::Program {
  dnnl::stream stream;
  NetworkSpec spec;
  std::int64_t batch_size;
  Shape output_shape;
  TensorMap parameters, gradients;                                    // plain
  std::vector<float> input, output, output_gradient, input_gradient;  // plain, N in front
  onednn::Steps forward, backward;
  std::vector<onednn::BatchStatistics> statistics;
  std::vector<onednn::DropoutMask> dropout_masks;
  std::vector<std::shared_ptr<void>> persistent;
  onednn::Arena arena;
  bool ran_forward = false;
};

namespace {

// What a training program is made of while it is being built.
struct Tape {
  const onednn::Graph& graph;
  std::vector<Value> values;
  std::vector<onednn::Backward> backward;  // for each node
  std::vector<bool> wanted;                // whether the value's gradient is needed
};

bool learns(const Builder& builder, const LayerSpec& layer) {
  return builder.wants_gradient(layer.name + ".weight");
}

void build_forward(Builder& builder, Tape& tape) {
  for (const onednn::Node& node : tape.graph.nodes) {
    onednn::LayerArguments arguments{*node.layer, {}, node.activation};
    bool needed = learns(builder, *node.layer);
    for (const std::size_t value : node.inputs) {
      arguments.inputs.push_back(tape.values[value]);
      needed = needed || tape.wanted[value];
    }
    onednn::Built built = onednn::build_layer(builder, arguments);
    tape.values[node.output] = std::move(built.output);
    tape.backward.push_back(std::move(built.backward));
    tape.wanted[node.output] = needed;
  }
}

// The sum of what a value's readers sent back.
Value accumulate(Builder& builder, std::vector<Value>& parts) {
  Value sum = parts[0];
  if (parts.size() > 1) {
    std::vector<onednn::Desc> descs;
    for (const Value& part : parts) descs.push_back(part.desc());
    sum = builder.allocate(descs[0]);
    std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_DST, sum.memory}};
    for (std::size_t i = 0; i < parts.size(); ++i)
      args[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)] = parts[i].memory;
    builder.add(dnnl::sum(onednn::describe_sum(builder.engine(), descs[0], descs)),
                std::move(args));
  }
  parts.clear();
  return sum;
}

// Activations are given back as soon as the gradients that need them are computed. Returns the
// gradient of the network's input, if it is wanted.
Value build_backward(Builder& builder, Tape& tape, const Value& output_gradient) {
  std::vector<std::vector<Value>> parts(tape.values.size());
  tape.values.clear();  // from here on the closures hold what is still needed
  parts[tape.graph.output].push_back(output_gradient);
  for (std::size_t n = tape.graph.nodes.size(); n-- > 0;) {
    const onednn::Node& node = tape.graph.nodes[n];
    const onednn::Backward backward = std::exchange(tape.backward[n], {});
    if (!tape.wanted[node.output] || parts[node.output].empty()) continue;
    std::vector<bool> wanted;
    for (const std::size_t input : node.inputs) wanted.push_back(tape.wanted[input]);
    const std::vector<Value> gradients =
        backward(builder, accumulate(builder, parts[node.output]), wanted);
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (wanted[i]) parts[node.inputs[i]].push_back(gradients[i]);
  }
  return parts[0].empty() ? Value{} : accumulate(builder, parts[0]);
}

TensorMap make_gradients(const NetworkSpec& spec, const std::set<std::string>& frozen) {
  std::set<std::string> names;
  for (const LayerSpec& layer : spec.layers) names.insert(layer.name);
  for (const std::string& name : frozen)
    if (!names.contains(name))
      throw ModelError("layer '" + name + "' can't be frozen: the network has no such layer");
  TensorMap gradients;
  for (const ParameterSpec& parameter : parameter_specs(spec)) {
    const std::string layer = parameter.name.substr(0, parameter.name.rfind('.'));
    if (!parameter.trainable() || frozen.contains(layer)) continue;
    const auto count = static_cast<std::size_t>(element_count(parameter.shape));
    gradients[parameter.name] = {parameter.shape, std::vector<float>(count, 0.0f)};
  }
  return gradients;
}

void update(const onednn::BatchStatistics& batch) {
  const auto* mean = static_cast<const float*>(batch.mean.get_data_handle());
  const auto* variance = static_cast<const float*>(batch.variance.get_data_handle());
  // oneDNN divides by the count; the running variance is unbiased, as in PyTorch.
  const float unbiased =
      batch.count > 1 ? static_cast<float>(batch.count) / static_cast<float>(batch.count - 1) : 1;
  const auto blend = [&](float& running, float value) {
    running += batch.momentum * (value - running);
  };
  for (std::size_t c = 0; c < batch.running_mean->values.size(); ++c) {
    blend(batch.running_mean->values[c], mean[c]);
    blend(batch.running_variance->values[c], variance[c] * unbiased);
  }
}

void draw(const onednn::DropoutMask& dropout, Random random) {
  auto* mask = static_cast<float*>(dropout.mask.get_data_handle());
  const std::size_t count = dropout.mask.get_desc().get_size() / sizeof(float);
  const float kept = 1 / (1 - dropout.rate);
  for (std::size_t i = 0; i < count; ++i) mask[i] = random.chance(dropout.rate) ? 0 : kept;
}

}  // namespace

TrainingNetwork::TrainingNetwork(Backend& backend, NetworkSpec spec, TensorMap parameters,
                                 Options options)
    : program_(std::make_unique<Program>()) {
  check_parameters(spec, parameters);
  Program& program = *program_;
  program.spec = std::move(spec);
  program.batch_size = options.batch_size;
  program.output_shape = resolve(program.spec).back().output;
  program.parameters = std::move(parameters);
  program.gradients = make_gradients(program.spec, options.frozen_layers);
  const auto batch_of = [&](const Shape& shape) {
    return static_cast<std::size_t>(element_count(onednn::batch_dims(options.batch_size, shape)));
  };
  program.input.resize(batch_of(program.spec.input));
  program.output.resize(batch_of(program.output_shape));
  program.output_gradient.resize(program.output.size());
  if (options.input_gradient) program.input_gradient.resize(program.input.size());

  onednn::guarded("building the network for training", [&] {
    program.stream = backend.context().stream;
    Builder builder(backend.context(), onednn::Mode::training, program.parameters,
                    &program.gradients);
    const auto view = [&](std::vector<float>& values, const Shape& shape) {
      return builder.view(values, onednn::batch_dims(options.batch_size, shape));
    };
    const onednn::Graph graph = onednn::plan(program.spec, onednn::Mode::training);
    Tape tape{graph,
              std::vector<Value>(graph.readers.size()),
              {},
              std::vector<bool>(graph.readers.size(), false)};
    tape.values[0] = view(program.input, program.spec.input);
    tape.wanted[0] = options.input_gradient;
    build_forward(builder, tape);
    builder.copy(tape.values[graph.output], view(program.output, program.output_shape));
    builder.start_backward();
    const Value gradient =
        build_backward(builder, tape, view(program.output_gradient, program.output_shape));
    if (options.input_gradient)
      builder.copy(gradient, view(program.input_gradient, program.spec.input));
    program.forward = std::move(builder.forward);
    program.backward = std::move(builder.backward);
    program.statistics = std::move(builder.statistics);
    program.dropout_masks = std::move(builder.dropout_masks);
    program.persistent = std::move(builder.persistent);
    builder.arena().place();
    program.arena = std::move(builder.arena());
  });
}

TrainingNetwork::~TrainingNetwork() = default;

std::int64_t TrainingNetwork::batch_size() const {
  return program_->batch_size;
}
const Shape& TrainingNetwork::output_shape() const {
  return program_->output_shape;
}
std::span<float> TrainingNetwork::input() {
  return program_->input;
}
std::span<float> TrainingNetwork::output_gradient() {
  return program_->output_gradient;
}
TensorMap& TrainingNetwork::parameters() {
  return program_->parameters;
}
const TensorMap& TrainingNetwork::parameters() const {
  return program_->parameters;
}
TensorMap& TrainingNetwork::gradients() {
  return program_->gradients;
}

std::span<const float> TrainingNetwork::forward(Random random) {
  Program& program = *program_;
  for (std::size_t i = 0; i < program.dropout_masks.size(); ++i)
    draw(program.dropout_masks[i], random.child(i));
  onednn::guarded("running the network forward",
                  [&] { onednn::run(program.forward, program.stream); });
  for (const onednn::BatchStatistics& batch : program.statistics) update(batch);
  program.ran_forward = true;
  return program.output;
}

void TrainingNetwork::backward() {
  Program& program = *program_;
  if (!std::exchange(program.ran_forward, false))
    throw std::logic_error("TrainingNetwork::backward() without a forward() before it");
  onednn::guarded("running the network backward",
                  [&] { onednn::run(program.backward, program.stream); });
}

std::span<const float> TrainingNetwork::input_gradient() const {
  if (program_->input_gradient.empty())
    throw std::logic_error("TrainingNetwork was built without options.input_gradient");
  return program_->input_gradient;
}

}  // namespace steelsight
