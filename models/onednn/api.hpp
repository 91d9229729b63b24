#pragma once
// Everything that differs between oneDNN 2.x (Debian 12) and 3.x (Debian 13). In 2.x a primitive
// descriptor is made from an operation descriptor, in 3.x directly; some arguments moved. No other
// file asks for the version.
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "models/spec.hpp"

namespace steelsight::onednn {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

#if DNNL_VERSION_MAJOR >= 3

inline Dims dims_of(const Desc& desc) {
  return desc.get_dims();
}
inline dnnl::memory::data_type type_of(const Desc& desc) {
  return desc.get_data_type();
}

// Primitives whose arguments are the same in both versions. Backward ones are given the hint, the
// descriptor of their forward primitive.
template <class Primitive, class... Args>
auto describe(const dnnl::engine& engine, const dnnl::primitive_attr& attr, const Args&... args) {
  return typename Primitive::primitive_desc(engine, args..., attr);
}
template <class Primitive, class Hint, class... Args>
auto describe_backward(const dnnl::engine& engine, const dnnl::primitive_attr& attr,
                       const Hint& hint, const Args&... args) {
  return typename Primitive::primitive_desc(engine, args..., hint, attr);
}

inline auto describe_batchnorm(const dnnl::engine& engine, dnnl::prop_kind kind, const Desc& data,
                               float epsilon, dnnl::normalization_flags flags) {
  return dnnl::batch_normalization_forward::primitive_desc(engine, kind, data, data, epsilon,
                                                           flags);
}
inline auto describe_batchnorm_backward(
    const dnnl::engine& engine, const dnnl::batch_normalization_forward::primitive_desc& hint,
    const Desc& diff, const Desc& data, float epsilon, dnnl::normalization_flags flags) {
  return dnnl::batch_normalization_backward::primitive_desc(engine, dnnl::prop_kind::backward, diff,
                                                            diff, data, epsilon, flags, hint);
}

inline auto describe_eltwise(const dnnl::engine& engine, dnnl::prop_kind kind,
                             dnnl::algorithm algorithm, const Desc& data, float alpha, float beta) {
  return dnnl::eltwise_forward::primitive_desc(engine, kind, algorithm, data, data, alpha, beta);
}
inline auto describe_eltwise_backward(const dnnl::engine& engine,
                                      const dnnl::eltwise_forward::primitive_desc& hint,
                                      dnnl::algorithm algorithm, const Desc& diff, const Desc& data,
                                      float alpha, float beta) {
  return dnnl::eltwise_backward::primitive_desc(engine, algorithm, diff, diff, data, alpha, beta,
                                                hint);
}
inline void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha,
                           float beta) {
  ops.append_eltwise(algorithm, alpha, beta);
}

inline auto describe_pool(const dnnl::engine& engine, dnnl::prop_kind kind,
                          dnnl::algorithm algorithm, const Desc& src, const Desc& dst,
                          const Dims& strides, const Dims& kernel, const Dims& padding_l,
                          const Dims& padding_r) {
  return dnnl::pooling_forward::primitive_desc(engine, kind, algorithm, src, dst, strides, kernel,
                                               Dims{0, 0}, padding_l, padding_r);
}
inline auto describe_pool_backward(const dnnl::engine& engine,
                                   const dnnl::pooling_forward::primitive_desc& hint,
                                   dnnl::algorithm algorithm, const Desc& diff_src,
                                   const Desc& diff_dst, const Dims& strides, const Dims& kernel,
                                   const Dims& padding_l, const Dims& padding_r) {
  return dnnl::pooling_backward::primitive_desc(engine, algorithm, diff_src, diff_dst, strides,
                                                kernel, Dims{0, 0}, padding_l, padding_r, hint);
}

using SoftmaxForward = dnnl::softmax_forward;
using SoftmaxBackward = dnnl::softmax_backward;

inline auto describe_prelu(const dnnl::engine& engine, dnnl::prop_kind kind, const Desc& data,
                           const Desc& weights) {
  return dnnl::prelu_forward::primitive_desc(engine, kind, data, weights, data);
}
inline auto describe_prelu_backward(const dnnl::engine& engine,
                                    const dnnl::prelu_forward::primitive_desc& hint,
                                    const Desc& data, const Desc& weights) {
  return dnnl::prelu_backward::primitive_desc(engine, data, weights, data, weights, data, hint);
}

inline auto describe_sum(const dnnl::engine& engine, const Desc& dst,
                         const std::vector<Desc>& srcs) {
  return dnnl::sum::primitive_desc(engine, dst, std::vector<float>(srcs.size(), 1.0f), srcs);
}
inline auto describe_concat(const dnnl::engine& engine, const std::vector<Desc>& srcs) {
  return dnnl::concat::primitive_desc(engine, 1, srcs);
}

// Factors of integers: of all numbers that a reorder reads, and of each channel that a convolution
// sums. In 2.x they are attributes, and a convolution adds its bias before them; in 3.x they are
// arguments, and it adds its bias behind them.
inline constexpr bool kScalesAreArguments = true, kBiasIsScaled = false;
inline constexpr int kSourceScales = DNNL_ARG_ATTR_SCALES | DNNL_ARG_SRC;
inline constexpr int kWeightScales = DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS;
inline void scale_source(dnnl::primitive_attr& attributes, float) {
  attributes.set_scales_mask(DNNL_ARG_SRC, 0);
}
inline void scale_channels(dnnl::primitive_attr& attributes, const std::vector<float>&) {
  attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 0);
}

// Whether the backward pass of batch norm is given the shift, which it has no use for: 2.x insists,
// 3.x refuses.
inline constexpr bool kBatchnormBackwardTakesShift = false;

// softplus with alpha -1 is log_sigmoid, hard swish has its constants as arguments.
inline constexpr auto kLogSigmoid = dnnl::algorithm::eltwise_soft_relu;
inline constexpr float kSoftplusAlpha = 1, kLogSigmoidAlpha = -1;
inline constexpr float kHardSwishAlpha = 1.0f / 6, kHardSwishBeta = 0.5f;

#else

inline Dims dims_of(const Desc& desc) {
  return desc.dims();
}
inline dnnl::memory::data_type type_of(const Desc& desc) {
  return desc.data_type();
}

template <class Primitive, class... Args>
auto describe(const dnnl::engine& engine, const dnnl::primitive_attr& attr, const Args&... args) {
  return typename Primitive::primitive_desc(typename Primitive::desc(args...), attr, engine);
}
template <class Primitive, class Hint, class... Args>
auto describe_backward(const dnnl::engine& engine, const dnnl::primitive_attr& attr,
                       const Hint& hint, const Args&... args) {
  return typename Primitive::primitive_desc(typename Primitive::desc(args...), attr, engine, hint);
}

inline auto describe_batchnorm(const dnnl::engine& engine, dnnl::prop_kind kind, const Desc& data,
                               float epsilon, dnnl::normalization_flags flags) {
  return describe<dnnl::batch_normalization_forward>(engine, {}, kind, data, epsilon, flags);
}
inline auto describe_batchnorm_backward(
    const dnnl::engine& engine, const dnnl::batch_normalization_forward::primitive_desc& hint,
    const Desc& diff, const Desc& data, float epsilon, dnnl::normalization_flags flags) {
  return describe_backward<dnnl::batch_normalization_backward>(
      engine, {}, hint, dnnl::prop_kind::backward, diff, data, epsilon, flags);
}

inline auto describe_eltwise(const dnnl::engine& engine, dnnl::prop_kind kind,
                             dnnl::algorithm algorithm, const Desc& data, float alpha, float beta) {
  return describe<dnnl::eltwise_forward>(engine, {}, kind, algorithm, data, alpha, beta);
}
inline auto describe_eltwise_backward(const dnnl::engine& engine,
                                      const dnnl::eltwise_forward::primitive_desc& hint,
                                      dnnl::algorithm algorithm, const Desc& diff, const Desc& data,
                                      float alpha, float beta) {
  return describe_backward<dnnl::eltwise_backward>(engine, {}, hint, algorithm, diff, data, alpha,
                                                   beta);
}
inline void append_eltwise(dnnl::post_ops& ops, dnnl::algorithm algorithm, float alpha,
                           float beta) {
  ops.append_eltwise(1.0f, algorithm, alpha, beta);
}

inline auto describe_pool(const dnnl::engine& engine, dnnl::prop_kind kind,
                          dnnl::algorithm algorithm, const Desc& src, const Desc& dst,
                          const Dims& strides, const Dims& kernel, const Dims& padding_l,
                          const Dims& padding_r) {
  return describe<dnnl::pooling_forward>(engine, {}, kind, algorithm, src, dst, strides, kernel,
                                         padding_l, padding_r);
}
inline auto describe_pool_backward(const dnnl::engine& engine,
                                   const dnnl::pooling_forward::primitive_desc& hint,
                                   dnnl::algorithm algorithm, const Desc& diff_src,
                                   const Desc& diff_dst, const Dims& strides, const Dims& kernel,
                                   const Dims& padding_l, const Dims& padding_r) {
  return describe_backward<dnnl::pooling_backward>(engine, {}, hint, algorithm, diff_src, diff_dst,
                                                   strides, kernel, padding_l, padding_r);
}

using SoftmaxForward = dnnl::softmax_v2_forward;
using SoftmaxBackward = dnnl::softmax_v2_backward;

inline auto describe_prelu(const dnnl::engine& engine, dnnl::prop_kind kind, const Desc& data,
                           const Desc& weights) {
  return describe<dnnl::prelu_forward>(engine, {}, kind, data, weights);
}
inline auto describe_prelu_backward(const dnnl::engine& engine,
                                    const dnnl::prelu_forward::primitive_desc& hint,
                                    const Desc& data, const Desc& weights) {
  return describe_backward<dnnl::prelu_backward>(engine, {}, hint, data, weights, data, weights);
}

inline auto describe_sum(const dnnl::engine& engine, const Desc& dst,
                         const std::vector<Desc>& srcs) {
  return dnnl::sum::primitive_desc(dst, std::vector<float>(srcs.size(), 1.0f), srcs, engine);
}
inline auto describe_concat(const dnnl::engine& engine, const std::vector<Desc>& srcs) {
  return dnnl::concat::primitive_desc(1, srcs, engine);
}

inline constexpr bool kScalesAreArguments = false, kBiasIsScaled = true;
inline constexpr int kSourceScales = 0, kWeightScales = 0;  // not used
inline void scale_source(dnnl::primitive_attr& attributes, float factor) {
  attributes.set_output_scales(0, {factor});
}
inline void scale_channels(dnnl::primitive_attr& attributes, const std::vector<float>& factors) {
  attributes.set_output_scales(1 << 1, factors);
}

inline constexpr bool kBatchnormBackwardTakesShift = true;
inline constexpr auto kLogSigmoid = dnnl::algorithm::eltwise_logsigmoid;
inline constexpr float kSoftplusAlpha = 0, kLogSigmoidAlpha = 0;
inline constexpr float kHardSwishAlpha = 0, kHardSwishBeta = 0;

#endif

}  // namespace steelsight::onednn
