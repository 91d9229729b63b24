#include "models/onednn/linear.hpp"

namespace steelsight::onednn {

// src N,C; weight K,C; dst N,K
Built build_dense(Builder& builder, const LayerArguments& arguments) {
  const LayerSpec& layer = arguments.layer;
  const Dims src = dims_of(arguments.inputs[0].desc());
  const Dims weight_dims = builder.tensor(weight_name(layer)).shape;
  // One image reads each weight once, in any layout as fast: as they lie in the model's file they
  // need no reorder, and no memory of their own.
  const bool one_image = src[0] == 1 && !builder.training();
  const Desc weight = one_image ? plain(weight_dims) : any(weight_dims);
  const Desc bias = layer.bias ? plain({layer.out}) : Desc();
  const Desc dst = any({src[0], layer.out});

  const auto pd = describe<dnnl::inner_product_forward>(
      builder.engine(), linear_attributes(arguments.activation), builder.forward_kind(), any(src),
      weight, bias, dst);
  const auto [used_src, output_value] =
      add_linear<dnnl::inner_product_forward>(builder, arguments, pd);
  if (!builder.training()) return {output_value, {}};

  return {output_value, [=, &layer, kept_src = used_src](Builder& b, const Value& diff_dst,
                                                         const std::vector<bool>& wanted) {
            if (b.wants_gradient(weight_name(layer))) {
              const auto weights_pd = describe_backward<dnnl::inner_product_backward_weights>(
                  b.engine(), linear_attributes(), pd, any(src), weight, bias, dst);
              add_linear_weight_gradient<dnnl::inner_product_backward_weights>(b, layer, weights_pd,
                                                                               kept_src, diff_dst);
            }
            if (!wanted[0]) return std::vector<Value>(1);
            const auto data_pd = describe_backward<dnnl::inner_product_backward_data>(
                b.engine(), linear_attributes(), pd, any(src), weight, dst);
            return std::vector{add_linear_data_gradient<dnnl::inner_product_backward_data>(
                b, layer, data_pd, diff_dst)};
          }};
}

}  // namespace steelsight::onednn
