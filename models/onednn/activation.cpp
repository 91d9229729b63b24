#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

Eltwise eltwise_of(const LayerSpec& activation) {
  using Algorithm = dnnl::algorithm;
  const float alpha = activation.alpha, beta = activation.beta;
  switch (activation.function) {
    case Activation::relu:
      return {Algorithm::eltwise_relu, 0, 0};
    case Activation::leaky_relu:
      return {Algorithm::eltwise_relu, alpha, 0};
    case Activation::elu:
      return {Algorithm::eltwise_elu, alpha, 0};
    case Activation::tanh:
      return {Algorithm::eltwise_tanh, 0, 0};
    case Activation::logistic:
      return {Algorithm::eltwise_logistic, 0, 0};
    case Activation::softplus:
      return {Algorithm::eltwise_soft_relu, kSoftplusAlpha, 0};
    case Activation::log_sigmoid:
      return {kLogSigmoid, kLogSigmoidAlpha, 0};
    case Activation::gelu:
      return {Algorithm::eltwise_gelu_erf, 0, 0};
    case Activation::gelu_tanh:
      return {Algorithm::eltwise_gelu_tanh, 0, 0};
    case Activation::swish:
      return {Algorithm::eltwise_swish, alpha, 0};
    case Activation::hard_swish:
      return {Algorithm::eltwise_hardswish, kHardSwishAlpha, kHardSwishBeta};
    case Activation::mish:
      return {Algorithm::eltwise_mish, 0, 0};
    case Activation::clip:
      return {Algorithm::eltwise_clip, alpha, beta};
    case Activation::linear:
      return {Algorithm::eltwise_linear, alpha, beta};
    case Activation::abs:
      return {Algorithm::eltwise_abs, 0, 0};
    case Activation::square:
      return {Algorithm::eltwise_square, 0, 0};
    case Activation::sqrt:
      return {Algorithm::eltwise_sqrt, 0, 0};
    case Activation::exp:
      return {Algorithm::eltwise_exp, 0, 0};
  }
  throw std::invalid_argument("layer '" + activation.name + "' has no activation");
}

Built build_activation(Builder& builder, const LayerArguments& arguments) {
  const Value src = arguments.inputs[0];
  const Eltwise eltwise = eltwise_of(arguments.layer);
  const auto pd = describe_eltwise(builder.engine(), builder.forward_kind(), eltwise.algorithm,
                                   src.desc(), eltwise.alpha, eltwise.beta);
  const Value dst = builder.allocate(pd.dst_desc());
  builder.add(dnnl::eltwise_forward(pd), {{DNNL_ARG_SRC, src.memory}, {DNNL_ARG_DST, dst.memory}});
  if (!builder.training()) return {dst, {}};

  return {dst, [=](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, src.desc());
            const auto backward_pd =
                describe_eltwise_backward(b.engine(), pd, eltwise.algorithm, src.desc(), src.desc(),
                                          eltwise.alpha, eltwise.beta);
            const Value diff_src = b.allocate(backward_pd.diff_src_desc());
            b.add(dnnl::eltwise_backward(backward_pd), {{DNNL_ARG_SRC, src.memory},
                                                        {DNNL_ARG_DIFF_DST, diff_dst.memory},
                                                        {DNNL_ARG_DIFF_SRC, diff_src.memory}});
            return std::vector{diff_src};
          }};
}

}  // namespace steelsight::onednn
