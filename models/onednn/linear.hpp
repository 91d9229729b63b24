#pragma once
// What convolution and dense layers share: weight, bias, an activation as post-op, and the backward
// pass in its two primitives.
#include <string>

#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

inline std::string weight_name(const LayerSpec& layer) {
  return layer.name + ".weight";
}
inline std::string bias_name(const LayerSpec& layer) {
  return layer.name + ".bias";
}

// Winograd's intermediate values are larger than what it reads and writes: they lie in the arena.
inline dnnl::primitive_attr linear_attributes(const LayerSpec* activation = nullptr) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (activation == nullptr) return attributes;
  const Eltwise eltwise = eltwise_of(*activation).value();
  dnnl::post_ops ops;
  append_eltwise(ops, eltwise.algorithm, eltwise.alpha, eltwise.beta);
  attributes.set_post_ops(ops);
  return attributes;
}

template <class Primitive, class PrimitiveDesc>
void add_with_scratchpad(Builder& builder, const PrimitiveDesc& pd,
                         std::unordered_map<int, dnnl::memory> args) {
  Value scratchpad;
  if (pd.scratchpad_desc().get_size() > 0) {
    scratchpad = builder.allocate(pd.scratchpad_desc());
    args[DNNL_ARG_SCRATCHPAD] = scratchpad.memory;
  }
  builder.add(Primitive(pd), std::move(args));
}

// Forward: gives the source in the layout that the primitive wanted, and the output.
template <class Primitive, class PrimitiveDesc>
std::pair<Value, Value> add_linear(Builder& builder, const LayerArguments& arguments,
                                   const PrimitiveDesc& pd) {
  const LayerSpec& layer = arguments.layer;
  const Value src = builder.reorder(arguments.inputs[0], pd.src_desc());
  const Value weight = builder.parameter(weight_name(layer), pd.weights_desc());
  const Value dst = builder.allocate(pd.dst_desc());
  std::unordered_map<int, dnnl::memory> args{
      {DNNL_ARG_SRC, src.memory}, {DNNL_ARG_WEIGHTS, weight.memory}, {DNNL_ARG_DST, dst.memory}};
  Value bias;
  if (layer.bias) {
    bias = builder.parameter(bias_name(layer), pd.bias_desc());
    args[DNNL_ARG_BIAS] = bias.memory;
  }
  add_with_scratchpad<Primitive>(builder, pd, std::move(args));
  return {src, dst};
}

// Gradients of weight and bias.
template <class Primitive, class PrimitiveDesc>
void add_linear_weight_gradient(Builder& builder, const LayerSpec& layer, const PrimitiveDesc& pd,
                                const Value& src, const Value& diff_dst) {
  const Value wanted_src = builder.reorder(src, pd.src_desc());
  const Value wanted_diff = builder.reorder(diff_dst, pd.diff_dst_desc());
  const Value diff_weight = builder.gradient(weight_name(layer), pd.diff_weights_desc());
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_SRC, wanted_src.memory},
                                             {DNNL_ARG_DIFF_DST, wanted_diff.memory},
                                             {DNNL_ARG_DIFF_WEIGHTS, diff_weight.memory}};
  Value diff_bias;
  if (layer.bias) {
    diff_bias = builder.gradient(bias_name(layer), pd.diff_bias_desc());
    args[DNNL_ARG_DIFF_BIAS] = diff_bias.memory;
  }
  add_with_scratchpad<Primitive>(builder, pd, std::move(args));
  builder.finish_gradient(weight_name(layer), diff_weight);
  if (layer.bias) builder.finish_gradient(bias_name(layer), diff_bias);
}

template <class Primitive, class PrimitiveDesc>
Value add_linear_data_gradient(Builder& builder, const LayerSpec& layer, const PrimitiveDesc& pd,
                               const Value& diff_dst) {
  const Value wanted_diff = builder.reorder(diff_dst, pd.diff_dst_desc());
  const Value weight = builder.parameter(weight_name(layer), pd.weights_desc());
  Value diff_src = builder.allocate(pd.diff_src_desc());
  add_with_scratchpad<Primitive>(builder, pd,
                                 {{DNNL_ARG_DIFF_DST, wanted_diff.memory},
                                  {DNNL_ARG_WEIGHTS, weight.memory},
                                  {DNNL_ARG_DIFF_SRC, diff_src.memory}});
  return diff_src;
}

}  // namespace steelsight::onednn
