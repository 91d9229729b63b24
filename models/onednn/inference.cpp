#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "models/fold.hpp"
#include "models/network.hpp"
#include "models/onednn/parts.hpp"
#include "models/onednn/segments.hpp"

namespace steelsight {

struct InferenceNetwork::Program {
  dnnl::stream stream;
  std::int64_t batch_size;  // the caller's
  std::int64_t images;      // at once, at most
  Shape input_shape, output_shape;
  std::vector<float> input, output;  // plain: `images` of N,C,H,W and N,K
  std::vector<onednn::Part> parts;
  std::vector<std::shared_ptr<void>> persistent;  // weights
  onednn::Arena arena;
};

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
  const onednn::Graph graph = onednn::plan(spec, onednn::Mode::inference);
  program.images = onednn::images_at_once(graph, options.batch_size, options.bytes_at_a_time);
  const auto batch_of = [&](const Shape& shape) {
    return static_cast<std::size_t>(element_count(onednn::batch_dims(program.images, shape)));
  };
  program.input.resize(batch_of(program.input_shape));
  program.output.resize(batch_of(program.output_shape));

  onednn::guarded("building the network", [&] {
    program.stream = backend.context().stream;
    onednn::Builder builder(backend.context(), onednn::Mode::inference, parameters, nullptr);
    const auto view = [&](std::vector<float>& values, const Shape& shape) {
      return builder.view(values, onednn::batch_dims(program.images, shape));
    };
    program.parts =
        onednn::build_parts(builder, graph, options, view(program.input, program.input_shape),
                            view(program.output, program.output_shape));
    program.persistent = std::move(builder.persistent);
    builder.arena().place();
    program.arena = std::move(builder.arena());
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
  return program_->arena.bytes();
}

void InferenceNetwork::run(std::span<const float> input, std::int64_t count,
                           std::span<float> output) {
  Program& program = *program_;
  if (count < 1 || count > program.batch_size)
    throw std::invalid_argument("run of " + std::to_string(count) + " images, expected 1 to " +
                                std::to_string(program.batch_size));
  const auto inputs = static_cast<std::size_t>(element_count(program.input_shape));
  const auto outputs = static_cast<std::size_t>(element_count(program.output_shape));
  const auto images = static_cast<std::size_t>(count);
  if (input.size() != images * inputs || output.size() != images * outputs)
    throw std::invalid_argument("run with " + std::to_string(input.size()) + " inputs and " +
                                std::to_string(output.size()) + " outputs, expected " +
                                std::to_string(images * inputs) + " and " +
                                std::to_string(images * outputs));
  const auto at_once = static_cast<std::size_t>(program.images);
  for (std::size_t first = 0; first < images; first += at_once) {
    const std::size_t some = std::min(at_once, images - first);
    std::ranges::copy(input.subspan(first * inputs, some * inputs), program.input.begin());
    std::fill(program.input.begin() + static_cast<std::ptrdiff_t>(some * inputs),
              program.input.end(), 0.0f);
    onednn::guarded("running the network", [&] {
      for (onednn::Part& part : program.parts)
        onednn::run(part, static_cast<std::int64_t>(some), program.stream);
    });
    std::copy_n(program.output.begin(), some * outputs,
                output.begin() + static_cast<std::ptrdiff_t>(first * outputs));
  }
}

std::vector<LayerTime> InferenceNetwork::run_timed() {
  Program& program = *program_;
  std::vector<LayerTime> times;
  onednn::guarded("running the network", [&] {
    for (onednn::Part& part : program.parts)
      std::ranges::move(onednn::run_timed(part, program.images, program.stream),
                        std::back_inserter(times));
  });
  // The times are for the whole batch, as if its last share were whole.
  const auto shares =
      static_cast<double>((program.batch_size + program.images - 1) / program.images);
  for (LayerTime& time : times) time.milliseconds *= shares;
  return times;
}

}  // namespace steelsight
