#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

// src, dst N,C,H,W or N,C; weight C, as 1,C,1,1 or 1,C.
Built build_prelu(Builder& builder, const LayerArguments& arguments) {
  const std::string name = arguments.layer.name + ".weight";
  const Value src = arguments.inputs[0];
  Dims channels(dims_of(src.desc()).size(), 1);
  channels[1] = dims_of(src.desc())[1];
  const Desc slopes = plain(channels);
  const auto pd = describe_prelu(builder.engine(), builder.forward_kind(), src.desc(), slopes);
  const Value weight = builder.parameter(name, slopes);
  const Value dst = builder.allocate(pd.dst_desc());
  builder.add(
      dnnl::prelu_forward(pd),
      {{DNNL_ARG_SRC, src.memory}, {DNNL_ARG_WEIGHTS, weight.memory}, {DNNL_ARG_DST, dst.memory}});
  if (!builder.training()) return {dst, {}};

  return {dst, [=](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, src.desc());
            const auto backward_pd = describe_prelu_backward(b.engine(), pd, src.desc(), slopes);
            const Value diff_src = b.allocate(backward_pd.diff_src_desc());
            const Value diff_weight =
                b.wants_gradient(name) ? b.gradient(name, slopes) : b.allocate(slopes);
            b.add(dnnl::prelu_backward(backward_pd), {{DNNL_ARG_SRC, src.memory},
                                                      {DNNL_ARG_WEIGHTS, weight.memory},
                                                      {DNNL_ARG_DIFF_DST, diff_dst.memory},
                                                      {DNNL_ARG_DIFF_SRC, diff_src.memory},
                                                      {DNNL_ARG_DIFF_WEIGHTS, diff_weight.memory}});
            return std::vector{diff_src};
          }};
}

}  // namespace steelsight::onednn
