#pragma once
// A network that runs: built once from a spec and its parameters for one batch size, run many
// times.
//
//   InferenceNetwork network(backend, model.spec, model.parameters, {.batch_size = 8});
//   network.run(images, n, logits);            // n <= 8 images, N,C,H,W
//
//   TrainingNetwork network(backend, spec, parameters, {.batch_size = 32});
//   std::ranges::copy(images, network.input().begin());
//   loss.compute(network.forward(), labels, network.output_gradient());
//   network.backward();
//   optimizer.step(network.parameters(), learning_rate);
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "models/backend.hpp"
#include "models/quantization.hpp"
#include "models/spec.hpp"
#include "models/tensor.hpp"

namespace steelsight {

// What a part of a run's time goes to.
struct LayerTime {
  std::string layer;         // its name; "output" for the result's way into a plain layout
  std::string kernel;        // oneDNN's name of what computes it: "jit:avx512_core"
  bool in_integers = false;  // its products
  double milliseconds = 0;
};

// Fused, weights in the kernels' layouts, no state but buffers. Throws ModelError where spec and
// parameters don't fit, BackendError where oneDNN can't run it.
class InferenceNetwork {
 public:
  struct Options {
    std::int64_t batch_size = 8;
    Quantization quantization = {};  // for this network or a larger one; empty: all in f32
    // The bytes of activations that a layer reads and writes at a time. Where the whole batch has
    // more, the layer takes a few images after the other. Less costs time in layers with many
    // weights.
    std::size_t bytes_at_a_time = std::size_t{16} << 20;
  };

  // Takes the parameters (every one of parameter_specs(spec), plain layouts) and frees them once
  // the kernels have theirs.
  InferenceNetwork(Backend& backend, NetworkSpec spec, TensorMap parameters, Options options);
  ~InferenceNetwork();

  std::int64_t batch_size() const;
  const Shape& input_shape() const;   // without N
  const Shape& output_shape() const;  // without N

  // input: `count` images, N,C,H,W, f32; output: `count` times output_shape. count <= batch_size.
  // Throws std::invalid_argument for wrong sizes.
  void run(std::span<const float> input, std::int64_t count, std::span<float> output);

  // Runs the whole batch that is in the buffers, and gives the time of each layer that is left of
  // the spec after simplification, an activation counting to the layer it is computed with.
  std::vector<LayerTime> run_timed();

  // The bytes that the layers read and write, with the kernels' scratchpads, without the weights.
  std::size_t activation_bytes() const;

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

// Forward and backward. Owns the parameters and their gradients in plain layouts (OIHW, OI).
class TrainingNetwork {
 public:
  struct Options {
    std::int64_t batch_size = 32;
    bool input_gradient = false;  // compute the gradient of the input too
    // Whose parameters get no gradient; a batch norm among them uses its running statistics.
    std::set<std::string> frozen_layers = {};
  };

  TrainingNetwork(Backend& backend, NetworkSpec spec, TensorMap parameters, Options options);
  ~TrainingNetwork();

  std::int64_t batch_size() const;
  const Shape& output_shape() const;  // without N

  // N,C,H,W, to be filled before forward().
  std::span<float> input();
  // Runs in training mode: batch statistics (the running ones are updated), dropout drawn from
  // `random`. Gives N x output_shape, valid until the next forward().
  std::span<const float> forward(Random random);
  // N x output_shape, the loss's gradient, to be filled before backward().
  std::span<float> output_gradient();
  // Overwrites all gradients. Throws std::logic_error without a forward() before it.
  void backward();
  // N,C,H,W, after backward(). Throws std::logic_error if options.input_gradient was not set.
  std::span<const float> input_gradient() const;

  // By name; trainable ones and running statistics. Values may be changed between runs.
  TensorMap& parameters();
  const TensorMap& parameters() const;
  // By name, of trainable parameters that are not frozen.
  TensorMap& gradients();

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

// Throws ModelError that names the first parameter that is missing, superfluous or of a wrong
// shape.
void check_parameters(const NetworkSpec& spec, const TensorMap& parameters);

}  // namespace steelsight
