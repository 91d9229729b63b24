#pragma once
// Moves parameters down their gradients. Formulas are those of torch.optim (PyTorch 1.13),
// operation by operation.
//
//   Optimizer optimizer({.kind = OptimizerKind::adamw, .weight_decay = 0.01}, parameters);
//   for (...) optimizer.step(parameters, schedule.learning_rate(step));
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "models/tensor.hpp"

namespace steelsight {

enum class OptimizerKind { sgd, adagrad, rmsprop, adam, adamw };

// Every option is known for every kind, and read by those named behind it.
struct OptimizerConfig {
  OptimizerKind kind = OptimizerKind::sgd;  // "sgd", "adagrad", "rmsprop", "adam", "adamw"
  double momentum = 0;                      // in [0, 1): sgd, rmsprop
  bool nesterov = false;                    // sgd; needs momentum
  double alpha = 0.99;                      // in [0, 1): rmsprop, of the mean of squares
  double beta1 = 0.9;                       // in [0, 1): adam, adamw, of the mean
  double beta2 = 0.999;                     // in [0, 1): adam, adamw, of the mean of squares
  double epsilon = 1e-8;                    // > 0: all but sgd; added to the square root
  double l1 = 0;            // all: L1, added to the gradient with the sign of the value
  double weight_decay = 0;  // all: added to the gradient (L2); adamw: shrinks the value (decoupled)
  double clip_norm = 0;     // limit of the L2 norm over all gradients together; 0 is off
  double clip_value = 0;    // limit of each gradient's absolute value; 0 is off

  bool operator==(const OptimizerConfig&) const = default;
};

// Strict. Throws ConfigError with the path of what is wrong, ranges included.
OptimizerConfig parse_optimizer(const Json& json, const std::string& path);
Json to_json(const OptimizerConfig& config);

// One parameter tensor and its gradient, of the same size; the memory is the caller's.
struct ParameterView {
  std::string name;  // unique
  std::span<float> value;
  std::span<const float> gradient;
  // false: neither weight decay nor L1, as is usual for biases and batch normalisation
  bool decay = true;
  double learning_rate_factor = 1;
};

// The L2 norm over all gradients together; not finite if one of them isn't.
double gradient_norm(std::span<const ParameterView> parameters);

class Optimizer {
 public:
  // Only names and sizes of `parameters` are kept. Throws ConfigError for an option out of range,
  // std::invalid_argument for a name that occurs twice.
  Optimizer(const OptimizerConfig& config, std::span<const ParameterView> parameters);

  // One update of every value; allocates nothing. The parameters are those of the constructor, in
  // the same order, or it throws std::invalid_argument. A gradient that is not finite spoils
  // its value, and a NaN with clip_norm every value: look at the loss or gradient_norm() before.
  void step(std::span<const ParameterView> parameters, double learning_rate);

  // Everything that later steps depend on: "step" and "SLOT/NAME" with the running means. After
  // restore(state()) the steps are the same bit for bit. restore() throws ModelError, and changes
  // nothing, if the state is of other parameters or of an optimiser of another kind.
  TensorMap state() const;
  void restore(const TensorMap& state);

 private:
  // One running quantity, as long as the values, for each parameter.
  struct Slot {
    std::string name;
    std::vector<std::vector<float>> values;
  };

  void check_parameters(std::span<const ParameterView> parameters) const;

  OptimizerConfig config_;
  std::vector<std::string> names_;
  std::vector<std::size_t> sizes_;
  std::vector<Slot> slots_;
  std::int64_t step_ = 0;  // steps that were done
};

}  // namespace steelsight
