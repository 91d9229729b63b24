#include "models/onednn/kernel_timing.hpp"
#include "models/onednn/linear.hpp"

namespace steelsight::onednn {
namespace {

// What the time of a convolution depends on.
std::string convolution_text(const char* pass, const LayerArguments& arguments, const Dims& src) {
  const LayerSpec& layer = arguments.layer;
  const std::string kernel = std::to_string(layer.kernel);
  return std::string(pass) + " " + to_string(src) + ", " + std::to_string(layer.out) + " of " +
         kernel + "x" + kernel + ", stride " + std::to_string(layer.stride) + ", pad " +
         std::to_string(layer.pad) + (layer.bias ? ", bias" : "") +
         (arguments.activation != nullptr ? ", " + type_name(*arguments.activation) : "");
}

}  // namespace

// src N,C,H,W; weight K,C,R,S; dst N,K,H',W' with H' = (H + 2 pad - R) / stride + 1
Built build_conv(Builder& builder, const LayerArguments& arguments) {
  const LayerSpec& layer = arguments.layer;
  const Dims src = dims_of(arguments.inputs[0].desc());
  const Desc weight = any(builder.tensor(weight_name(layer)).shape);
  const Desc bias = layer.bias ? plain({layer.out}) : Desc();
  const Desc dst =
      any({src[0], layer.out, window_output(layer, src[2]), window_output(layer, src[3])});
  const Dims strides{layer.stride, layer.stride}, padding{layer.pad, layer.pad};

  const auto pd = choose_kernel<dnnl::convolution_forward>(
      builder.context(),
      convolution_text(builder.training() ? "forward" : "inference", arguments, src),
      [&](dnnl::algorithm algorithm) {
        return describe<dnnl::convolution_forward>(
            builder.engine(), linear_attributes(arguments.activation), builder.forward_kind(),
            algorithm, any(src), weight, bias, dst, strides, padding, padding);
      });
  const auto [used_src, output_value] =
      add_linear<dnnl::convolution_forward>(builder, arguments, pd);
  if (!builder.training()) return {output_value, {}};

  const std::string weights_text = convolution_text("backward weights", arguments, src);
  const std::string data_text = convolution_text("backward data", arguments, src);
  return {output_value, [=, &layer, kept_src = used_src](Builder& b, const Value& diff_dst,
                                                         const std::vector<bool>& wanted) {
            if (b.wants_gradient(weight_name(layer))) {
              const auto weights_pd = choose_kernel<dnnl::convolution_backward_weights>(
                  b.context(), weights_text, [&](dnnl::algorithm algorithm) {
                    return describe_backward<dnnl::convolution_backward_weights>(
                        b.engine(), linear_attributes(), pd, algorithm, any(src), weight, bias, dst,
                        strides, padding, padding);
                  });
              add_linear_weight_gradient<dnnl::convolution_backward_weights>(b, layer, weights_pd,
                                                                             kept_src, diff_dst);
            }
            if (!wanted[0]) return std::vector<Value>(1);
            const auto data_pd = choose_kernel<dnnl::convolution_backward_data>(
                b.context(), data_text, [&](dnnl::algorithm algorithm) {
                  return describe_backward<dnnl::convolution_backward_data>(
                      b.engine(), linear_attributes(), pd, algorithm, any(src), weight, dst,
                      strides, padding, padding);
                });
            return std::vector{add_linear_data_gradient<dnnl::convolution_backward_data>(
                b, layer, data_pd, diff_dst)};
          }};
}

}  // namespace steelsight::onednn
