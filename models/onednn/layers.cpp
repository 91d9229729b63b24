#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

Built build_layer(Builder& builder, const LayerArguments& arguments) {
  switch (arguments.layer.type) {
    case LayerType::conv:
      return build_conv(builder, arguments);
    case LayerType::dense:
      return build_dense(builder, arguments);
    case LayerType::batchnorm:
      return build_batchnorm(builder, arguments);
    case LayerType::activation:
      return build_activation(builder, arguments);
    case LayerType::prelu:
      return build_prelu(builder, arguments);
    case LayerType::maxpool:
    case LayerType::avgpool:
      return build_pool(builder, arguments);
    case LayerType::global_avgpool:
      return build_global_avgpool(builder, arguments);
    case LayerType::flatten:
      return build_flatten(builder, arguments);
    case LayerType::dropout:
      return build_dropout(builder, arguments);
    case LayerType::softmax:
      return build_softmax(builder, arguments);
    case LayerType::add:
      return build_add(builder, arguments);
    case LayerType::concat:
      return build_concat(builder, arguments);
  }
  throw std::invalid_argument("layer '" + arguments.layer.name + "' has no type");
}

bool fuses_activation(Mode mode, const LayerSpec& layer, const LayerSpec& activation) {
  if (activation.type != LayerType::activation) return false;
  // Batch norm keeps a mask for the backward pass, but of ReLU only.
  if (layer.type == LayerType::batchnorm) return activation.function == Activation::relu;
  return mode == Mode::inference &&
         (layer.type == LayerType::conv || layer.type == LayerType::dense) &&
         eltwise_of(activation).has_value();
}

}  // namespace steelsight::onednn
