#include <algorithm>
#include <cmath>

#include "models/onednn/layers.hpp"

namespace steelsight::onednn {
namespace {

// What oneDNN lacks: the function and its derivative.
struct Loop {
  float (*value)(float x, float alpha);
  float (*slope)(float x, float alpha);
};

constexpr float kSeluScale = 1.0507009873554805f, kSeluAlpha = 1.6732632423543773f;

Loop loop_of(Activation function) {
  switch (function) {
    case Activation::selu:
      return {[](float x, float) { return kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x)); },
              [](float x, float) { return kSeluScale * (x > 0 ? 1 : kSeluAlpha * std::exp(x)); }};
    case Activation::softsign:
      return {[](float x, float) { return x / (1 + std::abs(x)); },
              [](float x, float) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }};
    case Activation::arctan:
      return {[](float x, float) { return std::atan(x); },
              [](float x, float) { return 1 / (1 + x * x); }};
    case Activation::hard_sigmoid:
      return {[](float x, float) { return std::clamp(x / 6 + 0.5f, 0.0f, 1.0f); },
              [](float x, float) { return std::abs(x) < 3 ? 1.0f / 6 : 0.0f; }};
    case Activation::tanh_shrink:
      return {[](float x, float) { return x - std::tanh(x); },
              [](float x, float) { return std::tanh(x) * std::tanh(x); }};
    case Activation::soft_shrink:
      return {[](float x, float alpha) { return x - std::clamp(x, -alpha, alpha); },
              [](float x, float alpha) { return std::abs(x) > alpha ? 1.0f : 0.0f; }};
    case Activation::hard_shrink:
      return {[](float x, float alpha) { return std::abs(x) > alpha ? x : 0.0f; },
              [](float x, float alpha) { return std::abs(x) > alpha ? 1.0f : 0.0f; }};
    default:
      throw std::invalid_argument("no loop for this activation");
  }
}

float* data_of(const dnnl::memory& memory) {
  return static_cast<float*>(memory.get_data_handle());
}

// In plain layout: a blocked one may hold padding that has to stay zero.
Built build_loop(Builder& builder, const LayerArguments& arguments) {
  const Value src =
      builder.reorder(arguments.inputs[0], plain(dims_of(arguments.inputs[0].desc())));
  const Value dst = builder.allocate(src.desc());
  const std::int64_t count = element_count(dims_of(src.desc()));
  const Loop loop = loop_of(arguments.layer.function);
  const float alpha = arguments.layer.alpha;
  builder.add_loop([=, from = src.memory, to = dst.memory] {
    const float* x = data_of(from);
    float* y = data_of(to);
    for (std::int64_t i = 0; i < count; ++i) y[i] = loop.value(x[i], alpha);
  });
  if (!builder.training()) return {dst, {}};

  return {dst, [=](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, src.desc());
            const Value diff_src = b.allocate(src.desc());
            b.add_loop([=, in = src.memory, from = diff_dst.memory, to = diff_src.memory] {
              const float *x = data_of(in), *dy = data_of(from);
              float* dx = data_of(to);
              for (std::int64_t i = 0; i < count; ++i) dx[i] = dy[i] * loop.slope(x[i], alpha);
            });
            return std::vector{diff_src};
          }};
}

}  // namespace

std::optional<Eltwise> eltwise_of(const LayerSpec& activation) {
  using Algorithm = dnnl::algorithm;
  const float alpha = activation.alpha, beta = activation.beta;
  switch (activation.function) {
    case Activation::relu:
      return Eltwise{Algorithm::eltwise_relu, 0, 0};
    case Activation::leaky_relu:
      return Eltwise{Algorithm::eltwise_relu, alpha, 0};
    case Activation::elu:
      return Eltwise{Algorithm::eltwise_elu, alpha, 0};
    case Activation::tanh:
      return Eltwise{Algorithm::eltwise_tanh, 0, 0};
    case Activation::logistic:
      return Eltwise{Algorithm::eltwise_logistic, 0, 0};
    case Activation::softplus:
      return Eltwise{Algorithm::eltwise_soft_relu, kSoftplusAlpha, 0};
    case Activation::log_sigmoid:
      return Eltwise{kLogSigmoid, kLogSigmoidAlpha, 0};
    case Activation::gelu:
      return Eltwise{Algorithm::eltwise_gelu_erf, 0, 0};
    case Activation::gelu_tanh:
      return Eltwise{Algorithm::eltwise_gelu_tanh, 0, 0};
    case Activation::swish:
      return Eltwise{Algorithm::eltwise_swish, alpha, 0};
    case Activation::hard_swish:
      return Eltwise{Algorithm::eltwise_hardswish, kHardSwishAlpha, kHardSwishBeta};
    case Activation::mish:
      return Eltwise{Algorithm::eltwise_mish, 0, 0};
    case Activation::clip:
      return Eltwise{Algorithm::eltwise_clip, alpha, beta};
    case Activation::linear:
      return Eltwise{Algorithm::eltwise_linear, alpha, beta};
    case Activation::abs:
      return Eltwise{Algorithm::eltwise_abs, 0, 0};
    case Activation::square:
      return Eltwise{Algorithm::eltwise_square, 0, 0};
    case Activation::sqrt:
      return Eltwise{Algorithm::eltwise_sqrt, 0, 0};
    case Activation::exp:
      return Eltwise{Algorithm::eltwise_exp, 0, 0};
    case Activation::identity:
      return Eltwise{Algorithm::eltwise_linear, 1, 0};
    case Activation::hard_tanh:
      return Eltwise{Algorithm::eltwise_clip, -1, 1};
    case Activation::selu:
    case Activation::softsign:
    case Activation::arctan:
    case Activation::hard_sigmoid:
    case Activation::tanh_shrink:
    case Activation::soft_shrink:
    case Activation::hard_shrink:
      return std::nullopt;
  }
  throw std::invalid_argument("layer '" + activation.name + "' has no activation");
}

Built build_activation(Builder& builder, const LayerArguments& arguments) {
  const std::optional<Eltwise> found = eltwise_of(arguments.layer);
  if (!found) return build_loop(builder, arguments);
  const Eltwise eltwise = *found;
  const Value src = arguments.inputs[0];
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
