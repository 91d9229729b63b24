#include "models/onednn/integer.hpp"

#include "models/backend.hpp"
#include "models/onednn/linear.hpp"

namespace steelsight::onednn {
namespace {

using Type = dnnl::memory::data_type;

Type integer_type(const IntegerRange& range) {
  return range.is_signed ? Type::s8 : Type::u8;
}

// The layers whose output a value is, by the name that the last one of them has in the spec.
std::vector<std::string> names_of_values(const Graph& graph) {
  std::vector<std::string> names(graph.readers.size());
  names[0] = "input";
  for (const Node& node : graph.nodes)
    names[node.output] = node.layer->type == LayerType::maxpool ? names[node.inputs[0]]
                         : node.activation != nullptr           ? node.activation->name
                                                                : node.layer->name;
  return names;
}

// Without VNNI, oneDNN makes signed integers unsigned at the price of one more bit of the weights.
bool can_read(const IntegerRange& range) {
  return !range.is_signed || Backend::largest_integer_weight() == kLargestWeight;
}

// Scaling a sum and then taking the positive part is the same as the other way round.
bool writes_integers(const Node& node) {
  return node.activation == nullptr || node.activation->function == Activation::relu;
}

// Numbers times `factor`, in the layout and type `wanted`.
Value scaled(Builder& builder, const Value& value, const Desc& wanted, float factor) {
  Value target = builder.allocate(wanted);
  dnnl::primitive_attr attributes;
  scale_source(attributes, factor);
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_FROM, value.memory},
                                             {DNNL_ARG_TO, target.memory}};
  if (kScalesAreArguments) args[kSourceScales] = builder.constants({factor}).memory;
  builder.add(dnnl::reorder(value.memory, target.memory, attributes), std::move(args));
  return target;
}

// A factor for each channel's sums. It makes them integers that stand for `unit`, or floats (1).
std::vector<float> factors_of(const IntegerWeights& weights, float src_step, float unit) {
  std::vector<float> factors = weights.steps;
  for (float& factor : factors) factor *= src_step / unit;
  return factors;
}

Value bias_of(Builder& builder, const LayerSpec& layer, const std::vector<float>& factors,
              float unit) {
  std::vector<float> bias = std::move(builder.take(bias_name(layer)).values.own());
  for (std::size_t k = 0; k < bias.size(); ++k) bias[k] /= kBiasIsScaled ? unit * factors[k] : unit;
  return builder.constants(std::move(bias));
}

}  // namespace

std::vector<std::optional<IntegerConv>> plan_integers(const Graph& graph,
                                                      const Quantization& quantization) {
  const std::vector<std::string> names = names_of_values(graph);
  const auto runs_in_integers = [&](const Node& node) {
    return quantization.layers.contains(node.layer->name) &&
           can_read(quantization.values.at(names[node.inputs[0]]));
  };
  std::vector<bool> read_as_integers(names.size(), false);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node)
    if (runs_in_integers(*node) ||
        (node->layer->type == LayerType::maxpool && read_as_integers[node->output]))
      read_as_integers[node->inputs[0]] = true;

  std::vector<std::optional<IntegerConv>> integers;
  for (const Node& node : graph.nodes) {
    integers.emplace_back();
    if (!runs_in_integers(node)) continue;
    integers.back() = {.src = quantization.values.at(names[node.inputs[0]]), .dst = {}};
    const auto written = quantization.values.find(names[node.output]);
    if (read_as_integers[node.output] && writes_integers(node) &&
        written != quantization.values.end())
      integers.back()->dst = written->second;
  }
  return integers;
}

// dst = relu(factor * sum of products + bias)
Value build_integer_conv(Builder& builder, const LayerArguments& arguments,
                         const IntegerConv& integers) {
  const LayerSpec& layer = arguments.layer;
  const Value& given = arguments.inputs[0];
  const Dims src = dims_of(given.desc());
  const Tensor weight = builder.take(weight_name(layer));
  IntegerWeights weights = to_integers(weight, Backend::largest_integer_weight());
  const float unit = integers.dst ? integers.dst->step : 1;
  const std::vector<float> factors = factors_of(weights, integers.src.step, unit);

  dnnl::primitive_attr attributes = linear_attributes(arguments.activation);
  scale_channels(attributes, factors);
  const auto pd = describe<dnnl::convolution_forward>(
      builder.engine(), attributes, builder.forward_kind(), dnnl::algorithm::convolution_direct,
      any(src, integer_type(integers.src)), any(weight.shape, Type::s8),
      layer.bias ? plain({layer.out}) : Desc(),
      any({src[0], layer.out, window_output(layer, src[2]), window_output(layer, src[3])},
          integers.dst ? integer_type(*integers.dst) : Type::f32),
      Dims{layer.stride, layer.stride}, Dims{layer.pad, layer.pad}, Dims{layer.pad, layer.pad});

  const Value read = given.range.step == 0
                         ? scaled(builder, given, pd.src_desc(), 1 / integers.src.step)
                         : builder.reorder(given, pd.src_desc());
  const Desc plain_weight{weight.shape, Type::s8, dnnl::memory::format_tag::oihw};
  const Value used_weight = builder.constant(
      dnnl::memory(plain_weight, builder.engine(), weights.values.data()), pd.weights_desc());
  Value dst = builder.allocate(pd.dst_desc());
  if (integers.dst) dst.range = *integers.dst;
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_SRC, read.memory},
                                             {DNNL_ARG_WEIGHTS, used_weight.memory},
                                             {DNNL_ARG_DST, dst.memory}};
  if (layer.bias) args[DNNL_ARG_BIAS] = bias_of(builder, layer, factors, unit).memory;
  if (kScalesAreArguments) args[kWeightScales] = builder.constants(factors).memory;
  add_with_scratchpad<dnnl::convolution_forward>(builder, pd, std::move(args));
  return dst;
}

// Channels last, as oneDNN keeps integers.
Value to_floats(Builder& builder, const Value& value) {
  if (value.range.step == 0) return value;
  const Desc wanted{dims_of(value.desc()), Type::f32, dnnl::memory::format_tag::nhwc};
  return scaled(builder, value, wanted, value.range.step);
}

}  // namespace steelsight::onednn
