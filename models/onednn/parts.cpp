#include "models/onednn/parts.hpp"

#include <chrono>

#include "models/onednn/integer.hpp"
#include "models/onednn/segments.hpp"

namespace steelsight::onednn {
namespace {

std::int64_t images_of(const Value& value) {
  return dims_of(value.desc())[0];
}

// The layout of a value with another number of images; row-major if it is none of those in which
// one image follows the other.
Desc with_images(const Desc& desc, std::int64_t images) {
  using Tag = dnnl::memory::format_tag;
  const Dims dims = dims_of(desc);
  Dims wanted = dims;
  wanted[0] = images;
  if (dims.size() == 4)
    for (const Tag tag : {Tag::nChw16c, Tag::nChw8c, Tag::nhwc})
      if (Desc(dims, type_of(desc), tag) == desc) return {wanted, type_of(desc), tag};
  return plain(wanted, type_of(desc));
}

Value in_movable_layout(Builder& builder, const Value& value) {
  return builder.reorder(value, with_images(value.desc(), images_of(value)));
}

Window window_over(Builder& builder, const Value& images, const Value& whole) {
  return {builder.arena().take(images), whole.memory, images.desc().get_size()};
}

Value images_like(Builder& builder, const Value& whole, std::int64_t images) {
  Value value = builder.allocate(with_images(whole.desc(), images));
  value.range = whole.range;
  return value;
}

// A value is dropped after its last reader is built, so that later steps can have its bytes.
class PartsBuilder {
 public:
  PartsBuilder(Builder& builder, const Graph& graph, const Quantization& quantization,
               const Value& input)
      : builder_(builder),
        graph_(graph),
        integers_(plan_integers(graph, quantization)),
        readers_(graph.readers),
        values_(graph.readers.size()),
        whole_(input),
        batch_size_(images_of(input)) {}

  // output: of the last part; else null.
  Part build(const Segment& segment, const Value* output) {
    Part part{.images = segment.images};
    const std::size_t start = builder_.arena().now();
    const Value written = build_nodes(segment, part);
    if (output != nullptr)
      write_output(written, *output, part);
    else
      gather(in_movable_layout(builder_, written), start, part);
    part.steps = std::exchange(builder_.forward, {});
    return part;
  }

 private:
  Value build_nodes(const Segment& segment, Part& part) {
    Value& read = values_[graph_.nodes[segment.first].inputs[0]];
    if (segment.images == batch_size_) {
      read = std::exchange(whole_, {});
    } else {
      read = images_like(builder_, whole_, segment.images);
      part.input = window_over(builder_, read, whole_);
    }
    for (std::size_t i = segment.first; i < segment.end; ++i) {
      build_node(graph_.nodes[i], integers_[i]);
      part.sections.push_back({graph_.nodes[i].layer->name, builder_.forward.size()});
    }
    return std::exchange(values_[graph_.nodes[segment.end - 1].output], {});
  }

  void build_node(const Node& node, const std::optional<IntegerConv>& integers) {
    LayerArguments arguments{*node.layer, {}, node.activation};
    for (const std::size_t value : node.inputs) {
      arguments.inputs.push_back(values_[value]);
      if (--readers_[value] == 0) values_[value] = {};
    }
    if (!integers && node.layer->type != LayerType::maxpool)  // which is the same on integers
      for (Value& value : arguments.inputs) value = to_floats(builder_, value);
    values_[node.output] = integers ? build_integer_conv(builder_, arguments, *integers)
                                    : build_layer(builder_, arguments).output;
  }

  void write_output(const Value& written, const Value& output, Part& part) {
    const Value floats = to_floats(builder_, written);
    if (part.images == batch_size_) {
      builder_.copy(floats, output);
    } else {
      const Value target = images_like(builder_, output, part.images);
      builder_.copy(floats, target);
      part.output = window_over(builder_, target, output);
    }
    part.sections.push_back({"output", builder_.forward.size()});
  }

  // Makes what the part wrote the next part's input.
  void gather(const Value& written, std::size_t start, Part& part) {
    if (part.images == batch_size_) {
      whole_ = written;
      return;
    }
    Value images = written;
    if (images.block.get() == part.input.block.get()) {  // nothing but another shape of the input
      images = builder_.allocate(written.desc());
      builder_.copy(written, images);
    }
    // Alive from the part's first step on: the steps run again for the images that follow.
    whole_ = builder_.arena().allocate(with_images(written.desc(), batch_size_), builder_.engine(),
                                       start);
    whole_.range = written.range;
    part.output = window_over(builder_, images, whole_);
  }

  Builder& builder_;
  const Graph& graph_;
  const std::vector<std::optional<IntegerConv>> integers_;
  std::vector<std::size_t> readers_;
  std::vector<Value> values_;
  Value whole_;
  const std::int64_t batch_size_;
};

std::int64_t rounds_of(const Part& part, std::int64_t count) {
  return (count + part.images - 1) / part.images;
}

void move_windows(Part& part, std::int64_t position) {
  part.input.move_to(position);
  part.output.move_to(position);
}

}  // namespace

void Window::move_to(std::int64_t position) {
  if (block == nullptr) return;
  block->move_to(static_cast<std::byte*>(whole.get_data_handle()) +
                 static_cast<std::size_t>(position) * bytes);
}

std::vector<Part> build_parts(Builder& builder, const Graph& graph,
                              const InferenceNetwork::Options& options, const Value& input,
                              const Value& output) {
  PartsBuilder parts_builder(builder, graph, options.quantization, input);
  const std::vector<Segment> segments =
      plan_segments(graph, images_of(input), options.bytes_at_a_time);
  std::vector<Part> parts;
  for (const Segment& segment : segments)
    parts.push_back(parts_builder.build(segment, &segment == &segments.back() ? &output : nullptr));
  return parts;
}

void run(Part& part, std::int64_t count, dnnl::stream& stream) {
  for (std::int64_t i = 0; i < rounds_of(part, count); ++i) {
    move_windows(part, i);
    run(part.steps, stream);
  }
}

std::vector<LayerTime> run_timed(Part& part, std::int64_t count, dnnl::stream& stream) {
  using Clock = std::chrono::steady_clock;
  std::vector<LayerTime> times;
  for (std::int64_t i = 0; i < rounds_of(part, count); ++i) {
    move_windows(part, i);
    std::size_t first = 0, layer = 0;
    for (const Part::Section& section : part.sections) {
      if (first == section.end) continue;  // flattening moves nothing
      const auto steps = std::span(part.steps).subspan(first, section.end - first);
      first = section.end;
      const Clock::time_point begin = Clock::now();
      run(steps, stream);
      const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
      if (i == 0) times.push_back({section.layer, kernel_name(steps.back())});
      times[layer++].milliseconds += time.count();
    }
  }
  return times;
}

}  // namespace steelsight::onednn
