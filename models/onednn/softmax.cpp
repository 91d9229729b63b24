#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

// src, dst N,C; each row of dst sums to 1
Built build_softmax(Builder& builder, const LayerArguments& arguments) {
  constexpr int kAxis = 1;
  const Value src =
      builder.reorder(arguments.inputs[0], plain(dims_of(arguments.inputs[0].desc())));
  const auto pd =
      describe<SoftmaxForward>(builder.engine(), {}, builder.forward_kind(),
                               dnnl::algorithm::softmax_accurate, src.desc(), src.desc(), kAxis);
  const Value dst = builder.allocate(src.desc());
  builder.add(SoftmaxForward(pd), {{DNNL_ARG_SRC, src.memory}, {DNNL_ARG_DST, dst.memory}});
  if (!builder.training()) return {dst, {}};

  return {dst, [=](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, dst.desc());
            const Value diff_src = b.allocate(dst.desc());
            const auto backward_pd = describe_backward<SoftmaxBackward>(
                b.engine(), {}, pd, dnnl::algorithm::softmax_accurate, diff_src.desc(),
                diff_dst.desc(), dst.desc(), kAxis);
            b.add(SoftmaxBackward(backward_pd), {{DNNL_ARG_DST, dst.memory},
                                                 {DNNL_ARG_DIFF_DST, diff_dst.memory},
                                                 {DNNL_ARG_DIFF_SRC, diff_src.memory}});
            return std::vector{diff_src};
          }};
}

}  // namespace steelsight::onednn
