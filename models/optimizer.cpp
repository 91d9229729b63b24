#include "models/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

#include "core/fields.hpp"
#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr NamedValue<OptimizerKind> kOptimizerKinds[] = {
    {OptimizerKind::sgd, "sgd"},         {OptimizerKind::adagrad, "adagrad"},
    {OptimizerKind::rmsprop, "rmsprop"}, {OptimizerKind::adam, "adam"},
    {OptimizerKind::adamw, "adamw"},
};

constexpr const char* kStepName = "step";
// A float counts exactly to 2^24, so the step is kept as two digits of that base.
constexpr std::int64_t kStepBase = std::int64_t{1} << 24;

void check(const OptimizerConfig& config, const std::string& path) {
  const auto require = [&](bool holds, const char* key, double value, const char* expected) {
    if (!holds)
      throw ConfigError(path + "/" + key + " is " + Json(value).dump() + ", expected " + expected);
  };
  const auto fraction = [&](const char* key, double value) {
    require(value >= 0 && value < 1, key, value, "at least 0 and less than 1");
  };
  const auto not_negative = [&](const char* key, double value) {
    require(value >= 0 && std::isfinite(value), key, value, "at least 0");
  };
  fraction("momentum", config.momentum);
  fraction("alpha", config.alpha);
  fraction("beta1", config.beta1);
  fraction("beta2", config.beta2);
  require(config.epsilon > 0 && std::isfinite(config.epsilon), "epsilon", config.epsilon,
          "more than 0");
  not_negative("l1", config.l1);
  not_negative("weight_decay", config.weight_decay);
  not_negative("clip_norm", config.clip_norm);
  not_negative("clip_value", config.clip_value);
  if (config.nesterov && config.momentum == 0)
    throw ConfigError(path + "/nesterov needs a momentum above 0");
  if (config.clip_norm > 0 && config.clip_value > 0)
    throw ConfigError(path + " has clip_norm and clip_value, expected one of them");
}

std::vector<std::string> slot_names(const OptimizerConfig& config) {
  switch (config.kind) {
    case OptimizerKind::sgd:
      if (config.momentum == 0) return {};
      return {"momentum"};
    case OptimizerKind::adagrad:
      return {"square_sum"};
    case OptimizerKind::rmsprop:
      if (config.momentum == 0) return {"square_mean"};
      return {"square_mean", "momentum"};
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return {"mean", "square_mean"};
  }
  throw std::invalid_argument("slot_names: unknown optimizer kind");
}

// What clipping by norm multiplies the gradients with (torch.nn.utils.clip_grad_norm_). NaN for a
// norm that is NaN: min keeps its first argument then.
float clip_scale(const OptimizerConfig& config, std::span<const ParameterView> parameters) {
  if (config.clip_norm == 0) return 1;
  return static_cast<float>(std::min(config.clip_norm / (gradient_norm(parameters) + 1e-6), 1.0));
}

// One tensor's update: the loops below are flat, without branches, so that they vectorise. Scalars
// are computed in double and applied in float, as PyTorch does.
struct Update {
  std::span<float> value;
  std::span<const float> gradient;
  float gradient_scale;  // from clipping by norm
  float gradient_limit;  // for clipping by value
  float l1;              // added to the gradient with the value's sign
  float decay;           // added to the gradient times the value

  // Calls update(value, gradient, i) for each element, with the gradient clipped, and L1 and L2
  // added.
  template <class F>
  void for_each(F update) const {
    float* const w = value.data();
    const float* const g = gradient.data();
    const float scale = gradient_scale, limit = gradient_limit, lasso = l1, ridge = decay;
    const std::size_t size = value.size();
    for (std::size_t i = 0; i < size; ++i) {
      // In this order of arguments a NaN stays a NaN.
      const float clipped = std::min(std::max(g[i] * scale, -limit), limit);
      const float sign = static_cast<float>((w[i] > 0) - (w[i] < 0));
      update(w[i], clipped + lasso * sign + ridge * w[i], i);
    }
  }
};

void update_sgd(const Update& tensor, float rate) {
  tensor.for_each([=](float& w, float g, std::size_t) { w -= rate * g; });
}

void update_sgd_momentum(const Update& tensor, const OptimizerConfig& config, float rate,
                         float* velocity) {
  const auto momentum = static_cast<float>(config.momentum);
  if (config.nesterov)
    tensor.for_each([=](float& w, float g, std::size_t i) {
      velocity[i] = momentum * velocity[i] + g;
      w -= rate * (g + momentum * velocity[i]);
    });
  else
    tensor.for_each([=](float& w, float g, std::size_t i) {
      velocity[i] = momentum * velocity[i] + g;
      w -= rate * velocity[i];
    });
}

void update_adagrad(const Update& tensor, const OptimizerConfig& config, float rate,
                    float* square_sum) {
  const auto epsilon = static_cast<float>(config.epsilon);
  tensor.for_each([=](float& w, float g, std::size_t i) {
    square_sum[i] += g * g;
    w -= rate * g / (std::sqrt(square_sum[i]) + epsilon);
  });
}

// The tensor's running quantities, in the order of slot_names; nullptr where there is none.
struct Slots {
  float* first;
  float* second;
};

void update_rmsprop(const Update& tensor, const OptimizerConfig& config, float rate, Slots slots) {
  float* const square_mean = slots.first;
  float* const velocity = slots.second;
  const auto alpha = static_cast<float>(config.alpha);
  const auto rest = static_cast<float>(1 - config.alpha);
  const auto epsilon = static_cast<float>(config.epsilon);
  const auto momentum = static_cast<float>(config.momentum);
  if (velocity == nullptr)
    tensor.for_each([=](float& w, float g, std::size_t i) {
      square_mean[i] = alpha * square_mean[i] + rest * g * g;
      w -= rate * g / (std::sqrt(square_mean[i]) + epsilon);
    });
  else
    tensor.for_each([=](float& w, float g, std::size_t i) {
      square_mean[i] = alpha * square_mean[i] + rest * g * g;
      velocity[i] = momentum * velocity[i] + g / (std::sqrt(square_mean[i]) + epsilon);
      w -= rate * velocity[i];
    });
}

struct AdamScalars {
  float rate;             // over the bias correction of the mean
  float root_correction;  // square root of the bias correction of the mean of squares
  float shrink;           // what the value is multiplied with before: 1 but for adamw
};

void update_adam(const Update& tensor, const OptimizerConfig& config, const AdamScalars& scalars,
                 Slots slots) {
  const auto beta1 = static_cast<float>(config.beta1), beta2 = static_cast<float>(config.beta2);
  const auto rest1 = static_cast<float>(1 - config.beta1);
  const auto rest2 = static_cast<float>(1 - config.beta2);
  const auto epsilon = static_cast<float>(config.epsilon);
  const float rate = scalars.rate, root_correction = scalars.root_correction;
  const float shrink = scalars.shrink;
  float* const mean = slots.first;
  float* const square_mean = slots.second;
  tensor.for_each([=](float& w, float g, std::size_t i) {
    mean[i] = beta1 * mean[i] + rest1 * g;
    square_mean[i] = beta2 * square_mean[i] + rest2 * g * g;
    w = w * shrink - rate * mean[i] / (std::sqrt(square_mean[i]) / root_correction + epsilon);
  });
}

const Fields<OptimizerConfig>& optimizer_fields() {
  using C = OptimizerConfig;
  static const Fields<C> fields(
      {
          {"kind", &C::kind, kOptimizerKinds},
          {"momentum", &C::momentum},
          {"nesterov", &C::nesterov},
          {"alpha", &C::alpha},
          {"beta1", &C::beta1},
          {"beta2", &C::beta2},
          {"epsilon", &C::epsilon},
          {"l1", &C::l1},
          {"weight_decay", &C::weight_decay},
          {"clip_norm", &C::clip_norm},
          {"clip_value", &C::clip_value},
      },
      [](C& config, const std::string& path) { check(config, path); });
  return fields;
}

}  // namespace

OptimizerConfig parse_optimizer(const Json& json, const std::string& path) {
  return optimizer_fields().read(json, path);
}

Json to_json(const OptimizerConfig& config) {
  return optimizer_fields().write(config);
}

double gradient_norm(std::span<const ParameterView> parameters) {
  double sum = 0;
  for (const ParameterView& parameter : parameters)
    sum = std::transform_reduce(parameter.gradient.begin(), parameter.gradient.end(), sum,
                                std::plus<>(), [](float g) { return double{g} * g; });
  return std::sqrt(sum);
}

Optimizer::Optimizer(const OptimizerConfig& config, std::span<const ParameterView> parameters)
    : config_(config) {
  check(config_, "optimizer");
  std::set<std::string> seen;
  for (const ParameterView& parameter : parameters) {
    if (!seen.insert(parameter.name).second)
      throw std::invalid_argument("Optimizer: two parameters are named " + parameter.name);
    names_.push_back(parameter.name);
    sizes_.push_back(parameter.value.size());
  }
  for (const std::string& name : slot_names(config_)) {
    Slot& slot = slots_.emplace_back(Slot{.name = name, .values = {}});
    for (const std::size_t size : sizes_) slot.values.emplace_back(size);
  }
}

void Optimizer::step(std::span<const ParameterView> parameters, double learning_rate) {
  check_parameters(parameters);
  ++step_;
  const float scale = clip_scale(config_, parameters);
  const float limit = config_.clip_value == 0 ? std::numeric_limits<float>::infinity()
                                              : static_cast<float>(config_.clip_value);
  const auto count = static_cast<double>(step_);
  const double correction1 = 1 - std::pow(config_.beta1, count);
  const double correction2 = 1 - std::pow(config_.beta2, count);

  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const ParameterView& parameter = parameters[p];
    const double rate = learning_rate * parameter.learning_rate_factor;
    const double decay = parameter.decay ? config_.weight_decay : 0;
    const bool decoupled = config_.kind == OptimizerKind::adamw;
    const Update tensor{.value = parameter.value,
                        .gradient = parameter.gradient,
                        .gradient_scale = scale,
                        .gradient_limit = limit,
                        .l1 = parameter.decay ? static_cast<float>(config_.l1) : 0.0f,
                        .decay = decoupled ? 0.0f : static_cast<float>(decay)};
    const auto slot = [&](std::size_t s) {
      return s < slots_.size() ? slots_[s].values[p].data() : nullptr;
    };
    switch (config_.kind) {
      case OptimizerKind::sgd:
        if (slots_.empty())
          update_sgd(tensor, static_cast<float>(rate));
        else
          update_sgd_momentum(tensor, config_, static_cast<float>(rate), slot(0));
        break;
      case OptimizerKind::adagrad:
        update_adagrad(tensor, config_, static_cast<float>(rate), slot(0));
        break;
      case OptimizerKind::rmsprop:
        update_rmsprop(tensor, config_, static_cast<float>(rate), {slot(0), slot(1)});
        break;
      case OptimizerKind::adam:
      case OptimizerKind::adamw:
        update_adam(tensor, config_,
                    {.rate = static_cast<float>(rate / correction1),
                     .root_correction = static_cast<float>(std::sqrt(correction2)),
                     .shrink = decoupled ? static_cast<float>(1 - rate * decay) : 1.0f},
                    {slot(0), slot(1)});
        break;
    }
  }
}

void Optimizer::check_parameters(std::span<const ParameterView> parameters) const {
  if (parameters.size() != names_.size())
    throw std::invalid_argument("Optimizer::step: " + std::to_string(parameters.size()) +
                                " parameters, expected " + std::to_string(names_.size()));
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const ParameterView& parameter = parameters[p];
    if (parameter.name != names_[p])
      throw std::invalid_argument("Optimizer::step: parameter " + std::to_string(p) + " is " +
                                  parameter.name + ", expected " + names_[p]);
    if (parameter.value.size() != sizes_[p] || parameter.gradient.size() != sizes_[p])
      throw std::invalid_argument("Optimizer::step: parameter " + parameter.name + " has " +
                                  std::to_string(parameter.value.size()) + " values and " +
                                  std::to_string(parameter.gradient.size()) +
                                  " gradients, expected " + std::to_string(sizes_[p]));
  }
}

TensorMap Optimizer::state() const {
  TensorMap state;
  state[kStepName] = {
      .shape = {2},
      .values = {static_cast<float>(step_ / kStepBase), static_cast<float>(step_ % kStepBase)}};
  for (const Slot& slot : slots_)
    for (std::size_t p = 0; p < names_.size(); ++p)
      state[slot.name + "/" + names_[p]] = {.shape = {static_cast<std::int64_t>(sizes_[p])},
                                            .values = slot.values[p]};
  return state;
}

void Optimizer::restore(const TensorMap& state) {
  const auto tensor = [&](const std::string& name, std::size_t size) -> const Values& {
    const auto found = state.find(name);
    if (found == state.end())
      throw ModelError("optimizer state has no tensor '" + name + "': is it of another optimizer?");
    if (found->second.values.size() != size)
      throw ModelError("optimizer state '" + name + "' has " +
                       std::to_string(found->second.values.size()) + " values, expected " +
                       std::to_string(size));
    return found->second.values;
  };
  const Values& digits = tensor(kStepName, 2);
  const auto is_digit = [](float x) {
    return x >= 0 && x < static_cast<float>(kStepBase) && x == std::floor(x);
  };
  if (!std::all_of(digits.begin(), digits.end(), is_digit))
    throw ModelError("optimizer state 'step' is not a number of steps");
  std::vector<Slot> slots = slots_;
  for (Slot& slot : slots)
    for (std::size_t p = 0; p < names_.size(); ++p)
      std::ranges::copy(tensor(slot.name + "/" + names_[p], sizes_[p]), slot.values[p].begin());
  if (const std::size_t expected = 1 + slots.size() * names_.size(); state.size() != expected)
    throw ModelError("optimizer state has " + std::to_string(state.size()) + " tensors, expected " +
                     std::to_string(expected));
  slots_ = std::move(slots);
  step_ = static_cast<std::int64_t>(digits[0]) * kStepBase + static_cast<std::int64_t>(digits[1]);
}

}  // namespace steelsight
