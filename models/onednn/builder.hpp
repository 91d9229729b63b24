#pragma once
// What layers are built from: values, steps, and the builder that collects them.
//
// A program is a list of steps, built once for one batch size and run many times. Layouts are
// oneDNN's choice; parameters and their gradients stay plain (OIHW, OI) outside and are reordered
// by steps where a primitive wants another layout.
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/kernel_choices.hpp"
#include "models/onednn/api.hpp"
#include "models/onednn/arena.hpp"
#include "models/tensor.hpp"

namespace steelsight::onednn {

struct Context {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  KernelChoices kernels;
};

// A primitive, or a loop of our own where oneDNN has none.
struct Step {
  dnnl::primitive primitive;
  std::unordered_map<int, dnnl::memory> args;
  std::function<void()> loop = {};
};
using Steps = std::vector<Step>;

// Mean and variance of a batch, from which the running ones are updated after a forward run.
struct BatchStatistics {
  dnnl::memory mean, variance;
  Tensor* running_mean;
  Tensor* running_variance;
  float momentum;
  std::int64_t count;  // values behind each mean
};

// Random zeros of a dropout layer: 0 or 1/(1-rate), drawn anew before each forward run.
struct DropoutMask {
  dnnl::memory mask;
  float rate;
};

enum class Mode { inference, training };

class Builder {
 public:
  // parameters: by name, plain layouts; must outlive the program when training.
  // gradients: where the plain gradients go; names that are missing are not wanted. Training only.
  Builder(Context& context, Mode mode, TensorMap& parameters, TensorMap* gradients);

  Context& context() { return context_; }
  const dnnl::engine& engine() const { return context_.engine; }
  bool training() const { return mode_ == Mode::training; }
  dnnl::prop_kind forward_kind() const {
    return training() ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  }

  Value allocate(const Desc& desc) { return arena_.allocate(desc, engine(), arena_.now()); }
  // The same numbers in another shape.
  Value reshape(const Value& value, const Desc& desc) { return Arena::view(value, desc, engine()); }
  // Memory that is not the builder's, row-major. It must outlive the program.
  Value view(std::span<float> values, const Dims& dims) const;
  // Outside the arena: for what must survive from one run to the next.
  Value allocate_persistent(const Desc& desc);

  // Appends to the forward program, or to the backward one once start_backward() was called.
  void add(dnnl::primitive primitive, std::unordered_map<int, dnnl::memory> args);
  void add_loop(std::function<void()> loop);
  void start_backward() { in_backward_ = true; }

  // `value` itself if it has the layout already, otherwise a reordered copy.
  Value reorder(const Value& value, const Desc& wanted);
  void copy(const Value& from, const Value& to);

  // A parameter in the layout `wanted`, whose dims may have ones that the parameter's shape does
  // not. In training reordered at every run (plain layouts need no copy); for inference reordered
  // once, and taken out of the parameters: ask for it once.
  Value parameter(const std::string& name, const Desc& wanted);
  Tensor& tensor(const std::string& name) { return parameters_.at(name); }
  // Takes a tensor out of the parameters, for inference.
  Tensor take(const std::string& name);
  // A copy that is made now, in the layout `wanted`, and lives as long as the program.
  Value constant(const dnnl::memory& source, const Desc& wanted);
  Value constants(std::vector<float> values);  // a vector
  bool wants_gradient(const std::string& name) const;
  // A value that a backward primitive writes the gradient of a parameter to; with a reorder to the
  // plain layout, which finish_gradient appends after the primitive.
  Value gradient(const std::string& name, const Desc& wanted);
  void finish_gradient(const std::string& name, const Value& value);

  // The program, taken out of the builder when it is complete.
  Steps forward, backward;
  std::vector<BatchStatistics> statistics;
  std::vector<DropoutMask> dropout_masks;
  std::vector<std::shared_ptr<void>> persistent;
  Arena& arena() { return arena_; }

 private:
  Context& context_;
  Mode mode_;
  TensorMap& parameters_;
  TensorMap* gradients_;
  Arena arena_;
  bool in_backward_ = false;
};

void run(std::span<const Step> steps, dnnl::stream& stream);
// oneDNN's name of what computes a step: "jit:avx512_core"; "loop" for one of our own.
std::string kernel_name(const Step& step);

// Dense row-major descriptor: NC, NCHW, OIHW.
Desc plain(const Dims& dims, dnnl::memory::data_type type = dnnl::memory::data_type::f32);
// The same with the layout left to the primitive.
Desc any(const Dims& dims, dnnl::memory::data_type type = dnnl::memory::data_type::f32);

}  // namespace steelsight::onednn
