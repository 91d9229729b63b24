#include "models/onednn/layers.hpp"

namespace steelsight::onednn {
namespace {

void multiply(Builder& builder, const Value& a, const Value& b, const Value& product) {
  const auto pd = describe<dnnl::binary>(builder.engine(), {}, dnnl::algorithm::binary_mul,
                                         a.desc(), b.desc(), product.desc());
  builder.add(
      dnnl::binary(pd),
      {{DNNL_ARG_SRC_0, a.memory}, {DNNL_ARG_SRC_1, b.memory}, {DNNL_ARG_DST, product.memory}});
}

}  // namespace

// Training multiplies by a mask that the program draws before each run; inference does nothing.
Built build_dropout(Builder& builder, const LayerArguments& arguments) {
  const Value src = arguments.inputs[0];
  if (!builder.training()) return {src, {}};
  const Value mask = builder.allocate_persistent(src.desc());
  builder.dropout_masks.push_back({mask.memory, arguments.layer.rate});
  const Value dst = builder.allocate(src.desc());
  multiply(builder, src, mask, dst);
  return {dst, [mask](Builder& b, const Value& diff, const std::vector<bool>&) {
            const Value diff_dst = b.reorder(diff, mask.desc());
            const Value diff_src = b.allocate(mask.desc());
            multiply(b, diff_dst, mask, diff_src);
            return std::vector{diff_src};
          }};
}

}  // namespace steelsight::onednn
