#include "models/onednn/builder.hpp"

#include "models/error.hpp"

namespace steelsight::onednn {
namespace {

dnnl::memory::format_tag plain_tag(std::size_t rank) {
  using Tag = dnnl::memory::format_tag;
  switch (rank) {
    case 1:
      return Tag::a;
    case 2:
      return Tag::ab;
    case 4:
      return Tag::abcd;
    default:
      throw std::invalid_argument("rank " + std::to_string(rank) + ", expected 1, 2 or 4");
  }
}

}  // namespace

Desc plain(const Dims& dims, dnnl::memory::data_type type) {
  return {dims, type, plain_tag(dims.size())};
}
Desc any(const Dims& dims, dnnl::memory::data_type type) {
  return {dims, type, dnnl::memory::format_tag::any};
}

Builder::Builder(Context& context, Mode mode, TensorMap& parameters, TensorMap* gradients)
    : context_(context), mode_(mode), parameters_(parameters), gradients_(gradients) {}

Value Builder::allocate_persistent(const Desc& desc) {
  persistent.push_back(aligned_buffer(desc.get_size()));
  return {dnnl::memory(desc, engine(), persistent.back().get())};
}

void Builder::add(dnnl::primitive primitive, std::unordered_map<int, dnnl::memory> args) {
  (in_backward_ ? backward : forward).push_back({std::move(primitive), std::move(args)});
  arena_.advance();
}

void Builder::add_loop(std::function<void()> loop) {
  (in_backward_ ? backward : forward).push_back({{}, {}, std::move(loop)});
  arena_.advance();
}

Value Builder::reorder(const Value& value, const Desc& wanted) {
  if (value.desc() == wanted) return value;
  Value target = allocate(wanted);
  target.range = value.range;
  copy(value, target);
  return target;
}

void Builder::copy(const Value& from, const Value& to) {
  add(dnnl::reorder(from.memory, to.memory),
      {{DNNL_ARG_FROM, from.memory}, {DNNL_ARG_TO, to.memory}});
}

Value Builder::view(std::span<float> values, const Dims& dims) const {
  return {dnnl::memory(plain(dims), engine(), values.data())};
}

Value Builder::parameter(const std::string& name, const Desc& wanted) {
  // In the arena: alive from this reorder to the last step that reads it.
  if (training()) return reorder(view(tensor(name).values, dims_of(wanted)), wanted);
  // Freed at the end, or used as they are: a large network's weights are not in memory twice.
  const auto values = std::make_shared<Values>(std::move(take(name).values));
  Value plain_value = view(*values, dims_of(wanted));
  if (plain_value.desc() != wanted) return constant(plain_value.memory, wanted);
  persistent.push_back(values);
  return plain_value;
}

Tensor Builder::take(const std::string& name) {
  return std::move(parameters_.extract(name).mapped());
}

Value Builder::constant(const dnnl::memory& source, const Desc& wanted) {
  Value target = allocate_persistent(wanted);
  // Winograd's transform needs memory of its own: better in huge pages than in the library's.
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::reorder::primitive_desc pd(source, target.memory, attributes);
  const auto scratchpad = aligned_buffer(pd.scratchpad_desc().get_size());
  dnnl::reorder(pd).execute(
      context_.stream,
      {{DNNL_ARG_FROM, source},
       {DNNL_ARG_TO, target.memory},
       {DNNL_ARG_SCRATCHPAD, dnnl::memory(pd.scratchpad_desc(), engine(), scratchpad.get())}});
  context_.stream.wait();
  return target;
}

Value Builder::constants(std::vector<float> values) {
  const Dims dims{static_cast<std::int64_t>(values.size())};
  return constant(view(values, dims).memory, plain(dims));
}

bool Builder::wants_gradient(const std::string& name) const {
  return gradients_ != nullptr && gradients_->contains(name);
}

Value Builder::gradient(const std::string& name, const Desc& wanted) {
  Tensor& tensor = gradients_->at(name);
  const Value target = view(tensor.values, dims_of(wanted));
  return target.desc() == wanted ? target : allocate(wanted);
}

void Builder::finish_gradient(const std::string& name, const Value& value) {
  Tensor& tensor = gradients_->at(name);
  if (value.block) copy(value, view(tensor.values, tensor.shape));
}

void run(std::span<const Step> steps, dnnl::stream& stream) {
  for (const Step& step : steps) {
    if (!step.loop) {
      step.primitive.execute(stream, step.args);
      continue;
    }
    stream.wait();
    step.loop();
  }
  stream.wait();
}

std::string kernel_name(const Step& step) {
  if (step.loop) return "loop";
  const char* name = "";
  dnnl_primitive_desc_query(step.primitive.get_primitive_desc(), dnnl_query_impl_info_str, 0,
                            &name);
  return name;
}

}  // namespace steelsight::onednn
