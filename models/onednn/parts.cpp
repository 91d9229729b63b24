#include "models/onednn/parts.hpp"

#include <algorithm>
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

Window window_over(Builder& builder, const Value& images, const Value& whole) {
  return {builder.arena().take(images), whole.memory, images.desc().get_size()};
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
        batch_size_(images_of(input)) {
    values_[0] = input;
  }

  Part build(const Segment& segment) {
    Part part{.images = segment.images};
    if (segment.images == batch_size_)
      build_nodes(segment, part);
    else
      build_in_windows(segment, part);
    part.sections.back().end = builder_.forward.size();  // with what moves its output
    part.steps = std::exchange(builder_.forward, {});
    return part;
  }

  Part build_output(const Value& output) {
    Part part{.images = batch_size_};
    builder_.copy(to_floats(builder_, values_[graph_.output]), output);
    add_section("output", /*in_integers=*/false, part);
    part.steps = std::exchange(builder_.forward, {});
    return part;
  }

 private:
  void build_nodes(const Segment& segment, Part& part) {
    for (std::size_t i = segment.first; i < segment.end; ++i) {
      build_node(graph_.nodes[i], integers_[i]);
      add_section(graph_.nodes[i].layer->name, integers_[i].has_value(), part);
    }
    for (const std::size_t v : left_by(segment))
      values_[v] = builder_.reorder(values_[v], with_images(values_[v].desc(), segment.images));
  }

  void add_section(const std::string& layer, bool in_integers, Part& part) {
    const Steps& steps = builder_.forward;
    part.sections.push_back(
        {layer, steps.empty() ? "" : kernel_name(steps.back()), in_integers, steps.size()});
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

  // Values from before live until the part has gone over the whole batch. The values that the part
  // writes live from its first step on.
  void build_in_windows(const Segment& segment, Part& part) {
    const std::size_t start = builder_.arena().now();
    const std::vector<Value> whole = values_;
    for (std::size_t v = 0; v < whole.size(); ++v)
      if (whole[v] && is_read(v, segment)) {
        values_[v] = builder_.allocate(with_images(whole[v].desc(), segment.images));
        values_[v].range = whole[v].range;
        part.windows.push_back(window_over(builder_, values_[v], whole[v]));
      }
    build_nodes(segment, part);
    for (const std::size_t v : left_by(segment)) values_[v] = gather(values_[v], start, part);
    for (std::size_t v = 0; v < whole.size(); ++v)
      if (whole[v] && readers_[v] > 0) values_[v] = whole[v];
  }

  // The value for the whole batch which `images` of it become a window over.
  Value gather(Value images, std::size_t start, Part& part) {
    if (images.block->moves) {  // another shape of what is in a window already
      Value copied = builder_.allocate(images.desc());
      copied.range = images.range;
      builder_.copy(images, copied);
      images = copied;
    }
    Value whole = builder_.arena().allocate(with_images(images.desc(), batch_size_),
                                            builder_.engine(), start);
    whole.range = images.range;
    part.windows.push_back(window_over(builder_, images, whole));
    return whole;
  }

  bool is_read(std::size_t value, const Segment& segment) const {
    return std::any_of(
        graph_.nodes.begin() + static_cast<std::ptrdiff_t>(segment.first),
        graph_.nodes.begin() + static_cast<std::ptrdiff_t>(segment.end),
        [&](const Node& node) { return std::ranges::count(node.inputs, value) > 0; });
  }

  // The values that it writes and others read.
  std::vector<std::size_t> left_by(const Segment& segment) const {
    std::vector<std::size_t> values;
    for (std::size_t i = segment.first; i < segment.end; ++i)
      if (readers_[graph_.nodes[i].output] > 0) values.push_back(graph_.nodes[i].output);
    return values;
  }

  Builder& builder_;
  const Graph& graph_;
  const std::vector<std::optional<IntegerConv>> integers_;
  std::vector<std::size_t> readers_;
  std::vector<Value> values_;  // between parts: for the whole batch
  const std::int64_t batch_size_;
};

std::int64_t windows_for(const Part& part, std::int64_t count) {
  return (count + part.images - 1) / part.images;
}

void move_windows(Part& part, std::int64_t position) {
  for (Window& window : part.windows) window.move_to(position);
}

}  // namespace

void Window::move_to(std::int64_t position) {
  block->move_to(static_cast<std::byte*>(whole.get_data_handle()) +
                 static_cast<std::size_t>(position) * bytes);
}

std::vector<Part> build_parts(Builder& builder, const Graph& graph,
                              const InferenceNetwork::Options& options, const Value& input,
                              const Value& output) {
  PartsBuilder parts_builder(builder, graph, options.quantization, input);
  std::vector<Part> parts;
  for (const Segment& segment : plan_segments(graph, images_of(input), options.bytes_at_a_time))
    parts.push_back(parts_builder.build(segment));
  parts.push_back(parts_builder.build_output(output));
  return parts;
}

void run(Part& part, std::int64_t count, dnnl::stream& stream) {
  for (std::int64_t i = 0; i < windows_for(part, count); ++i) {
    move_windows(part, i);
    run(part.steps, stream);
  }
}

std::vector<LayerTime> run_timed(Part& part, std::int64_t count, dnnl::stream& stream) {
  using Clock = std::chrono::steady_clock;
  std::vector<LayerTime> times;
  for (std::int64_t i = 0; i < windows_for(part, count); ++i) {
    move_windows(part, i);
    std::size_t first = 0, layer = 0;
    for (const Part::Section& section : part.sections) {
      if (first == section.end) continue;  // flattening moves nothing
      const auto steps = std::span(part.steps).subspan(first, section.end - first);
      first = section.end;
      const Clock::time_point begin = Clock::now();
      run(steps, stream);
      const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
      if (i == 0) times.push_back({section.layer, section.kernel, section.in_integers});
      times[layer++].milliseconds += time.count();
    }
  }
  return times;
}

}  // namespace steelsight::onednn
