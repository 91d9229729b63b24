#include "models/onednn/integer.hpp"
#include "models/onednn/layers.hpp"

namespace steelsight::onednn {
namespace {

struct Window {
  dnnl::algorithm algorithm;
  Dims kernel, strides, padding;
};

// src N,C,H,W; dst N,C,H',W'. Max pooling keeps where each maximum was for the way back.
Built build_window(Builder& builder, const Value& src, const Window& window) {
  const Dims in = dims_of(src.desc());
  const auto output = [&](std::size_t axis) {
    return (in[axis + 2] + 2 * window.padding[axis] - window.kernel[axis]) / window.strides[axis] +
           1;
  };
  const auto pd =
      describe_pool(builder.engine(), builder.forward_kind(), window.algorithm, src.desc(),
                    any({in[0], in[1], output(0), output(1)}, type_of(src.desc())), window.strides,
                    window.kernel, window.padding, window.padding);
  Value dst = builder.allocate(pd.dst_desc());
  dst.range = src.range;
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_SRC, src.memory},
                                             {DNNL_ARG_DST, dst.memory}};
  Value workspace;
  if (builder.training() && window.algorithm == dnnl::algorithm::pooling_max) {
    workspace = builder.allocate(pd.workspace_desc());
    args[DNNL_ARG_WORKSPACE] = workspace.memory;
  }
  builder.add(dnnl::pooling_forward(pd), std::move(args));
  if (!builder.training()) return {dst, {}};

  return {dst, [=, src_desc = src.desc(), dst_desc = dst.desc()](Builder& b, const Value& diff,
                                                                 const std::vector<bool>&) {
            const auto backward_pd = describe_pool_backward(
                b.engine(), pd, window.algorithm, src_desc, dst_desc, window.strides, window.kernel,
                window.padding, window.padding);
            const Value diff_dst = b.reorder(diff, backward_pd.diff_dst_desc());
            const Value diff_src = b.allocate(backward_pd.diff_src_desc());
            std::unordered_map<int, dnnl::memory> backward_args{
                {DNNL_ARG_DIFF_DST, diff_dst.memory}, {DNNL_ARG_DIFF_SRC, diff_src.memory}};
            if (workspace) backward_args[DNNL_ARG_WORKSPACE] = workspace.memory;
            b.add(dnnl::pooling_backward(backward_pd), std::move(backward_args));
            return std::vector{diff_src};
          }};
}

// The same plain numbers with another shape.
Value reshape(Builder& builder, const Value& value, const Dims& dims) {
  const Value flat = builder.reorder(value, plain(dims_of(value.desc())));
  return builder.reshape(flat, plain(dims));
}

}  // namespace

Built build_pool(Builder& builder, const LayerArguments& arguments) {
  const LayerSpec& layer = arguments.layer;
  if (arguments.inputs[0].range.step != 0)
    return {build_integer_max_pool(builder, layer, arguments.inputs[0]), {}};
  const std::int64_t stride = stride_of(layer);
  return build_window(
      builder, arguments.inputs[0],
      {layer.type == LayerType::maxpool ? dnnl::algorithm::pooling_max
                                        : dnnl::algorithm::pooling_avg_exclude_padding,
       {layer.kernel, layer.kernel},
       {stride, stride},
       {layer.pad, layer.pad}});
}

Built build_global_avgpool(Builder& builder, const LayerArguments& arguments) {
  const Dims in = dims_of(arguments.inputs[0].desc());
  const Dims size{in[2], in[3]};
  const Built pooled =
      build_window(builder, arguments.inputs[0],
                   {dnnl::algorithm::pooling_avg_exclude_padding, size, size, {0, 0}});
  const Value output = reshape(builder, pooled.output, {in[0], in[1]});
  if (!builder.training()) return {output, {}};
  return {output, [=](Builder& b, const Value& diff, const std::vector<bool>& wanted) {
            return pooled.backward(b, reshape(b, diff, {in[0], in[1], 1, 1}), wanted);
          }};
}

Built build_flatten(Builder& builder, const LayerArguments& arguments) {
  const Dims in = dims_of(arguments.inputs[0].desc());
  const Value output = reshape(builder, arguments.inputs[0], {in[0], element_count(in) / in[0]});
  if (!builder.training()) return {output, {}};
  return {output, [in](Builder& b, const Value& diff, const std::vector<bool>&) {
            return std::vector{reshape(b, diff, in)};
          }};
}

}  // namespace steelsight::onednn
