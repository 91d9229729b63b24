#include "models/onednn/layers.hpp"

namespace steelsight::onednn {

// Inputs in one shape; each gets the output's gradient.
Built build_add(Builder& builder, const LayerArguments& arguments) {
  std::vector<Desc> descs;
  for (const Value& input : arguments.inputs) descs.push_back(input.desc());
  const auto pd = describe_sum(builder.engine(), descs[0], descs);
  const Value dst = builder.allocate(pd.dst_desc());
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_DST, dst.memory}};
  for (std::size_t i = 0; i < descs.size(); ++i)
    args[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)] = arguments.inputs[i].memory;
  builder.add(dnnl::sum(pd), std::move(args));
  if (!builder.training()) return {dst, {}};
  return {dst, [](Builder&, const Value& diff, const std::vector<bool>& wanted) {
            return std::vector<Value>(wanted.size(), diff);
          }};
}

// Along C; each input gets its channels of the output's gradient.
Built build_concat(Builder& builder, const LayerArguments& arguments) {
  std::vector<Desc> descs;
  std::vector<Dims> shapes;
  for (const Value& input : arguments.inputs) {
    descs.push_back(input.desc());
    shapes.push_back(dims_of(descs.back()));
  }
  const auto pd = describe_concat(builder.engine(), descs);
  const Value dst = builder.allocate(pd.dst_desc());
  std::unordered_map<int, dnnl::memory> args{{DNNL_ARG_DST, dst.memory}};
  for (std::size_t i = 0; i < descs.size(); ++i)
    args[DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i)] = arguments.inputs[i].memory;
  builder.add(dnnl::concat(pd), std::move(args));
  if (!builder.training()) return {dst, {}};

  return {dst, [shapes](Builder& b, const Value& diff, const std::vector<bool>& wanted) {
            // Parts of a plain layout are addressable; parts of a blocked one need not be.
            const Value whole = b.reorder(diff, plain(dims_of(diff.desc())));
            std::vector<Value> parts(shapes.size());
            Dims offset(shapes[0].size(), 0);
            for (std::size_t i = 0; i < shapes.size(); offset[1] += shapes[i][1], ++i) {
              if (!wanted[i]) continue;
              const Desc part = whole.desc().submemory_desc(shapes[i], offset);
              parts[i] = b.allocate(plain(shapes[i]));
              b.copy(b.reshape(whole, part), parts[i]);
            }
            return parts;
          }};
}

}  // namespace steelsight::onednn
