#include "models/onednn/layers.hpp"

namespace steelsight::onednn {
namespace {

using Flags = dnnl::normalization_flags;

Flags flags_for(const LayerSpec* activation, bool from_batch) {
  Flags flags = Flags::use_scale | Flags::use_shift;
  if (!from_batch) flags = flags | Flags::use_global_stats;
  if (activation != nullptr) flags = flags | Flags::fuse_norm_relu;
  return flags;
}

}  // namespace

// src, dst N,C,H,W or N,C; scale, shift, mean, variance C. Training normalises with the batch's
// statistics; inference, and a frozen layer in training, with the running ones, which then stay.
Built build_batchnorm(Builder& builder, const LayerArguments& arguments) {
  const LayerSpec& layer = arguments.layer;
  const Value src = arguments.inputs[0];
  const Dims dims = dims_of(src.desc());
  const Desc channel = plain({dims[1]});
  const bool from_batch = builder.training() && builder.wants_gradient(layer.name + ".weight");
  const Flags flags = flags_for(arguments.activation, from_batch);
  const auto pd = describe_batchnorm(builder.engine(), builder.forward_kind(), src.desc(),
                                     layer.epsilon, flags);
  const Value scale = builder.parameter(layer.name + ".weight", channel);
  const Value shift = builder.parameter(layer.name + ".bias", channel);
  Value mean, variance, workspace;
  if (builder.training() && arguments.activation != nullptr)
    workspace = builder.allocate(pd.workspace_desc());
  if (from_batch) {
    mean = builder.allocate_persistent(channel);
    variance = builder.allocate_persistent(channel);
    builder.statistics.push_back({mean.memory, variance.memory,
                                  &builder.tensor(layer.name + ".running_mean"),
                                  &builder.tensor(layer.name + ".running_var"), layer.momentum,
                                  element_count(dims) / dims[1]});
  } else {
    mean = builder.parameter(layer.name + ".running_mean", channel);
    variance = builder.parameter(layer.name + ".running_var", channel);
  }
  const Value dst = builder.allocate(pd.dst_desc());
  std::unordered_map<int, dnnl::memory> args{
      {DNNL_ARG_SRC, src.memory},     {DNNL_ARG_DST, dst.memory},
      {DNNL_ARG_MEAN, mean.memory},   {DNNL_ARG_VARIANCE, variance.memory},
      {DNNL_ARG_SCALE, scale.memory}, {DNNL_ARG_SHIFT, shift.memory}};
  if (workspace) args[DNNL_ARG_WORKSPACE] = workspace.memory;
  builder.add(dnnl::batch_normalization_forward(pd), std::move(args));
  if (!builder.training()) return {dst, {}};

  return {dst, [=, &layer](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, src.desc());
            const auto backward_pd = describe_batchnorm_backward(b.engine(), pd, src.desc(),
                                                                 src.desc(), layer.epsilon, flags);
            const Value diff_src = b.allocate(backward_pd.diff_src_desc());
            const bool wanted = b.wants_gradient(layer.name + ".weight");
            const Value diff_scale =
                wanted ? b.gradient(layer.name + ".weight", channel) : b.allocate(channel);
            const Value diff_shift =
                wanted ? b.gradient(layer.name + ".bias", channel) : b.allocate(channel);
            std::unordered_map<int, dnnl::memory> backward_args{
                {DNNL_ARG_SRC, src.memory},
                {DNNL_ARG_MEAN, mean.memory},
                {DNNL_ARG_VARIANCE, variance.memory},
                {DNNL_ARG_SCALE, scale.memory},
                {DNNL_ARG_DIFF_DST, diff_dst.memory},
                {DNNL_ARG_DIFF_SRC, diff_src.memory},
                {DNNL_ARG_DIFF_SCALE, diff_scale.memory},
                {DNNL_ARG_DIFF_SHIFT, diff_shift.memory}};
            if (kBatchnormBackwardTakesShift) backward_args[DNNL_ARG_SHIFT] = shift.memory;
            if (workspace) backward_args[DNNL_ARG_WORKSPACE] = workspace.memory;
            b.add(dnnl::batch_normalization_backward(backward_pd), std::move(backward_args));
            return std::vector{diff_src};
          }};
}

}  // namespace steelsight::onednn
