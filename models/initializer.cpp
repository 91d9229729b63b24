#include "models/initializer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>

#include "core/content_hash.hpp"

namespace steelsight {
namespace {

struct Fans {
  double in, out;
};

Fans fans_of(const std::string& name, const std::vector<std::int64_t>& shape) {
  const std::int64_t count = element_count(shape);
  if (shape.size() < 2 || count == 0)
    throw std::invalid_argument("initialize: " + name + " has shape " + to_string(shape) +
                                ", expected out x in or out x in x height x width");
  return {.in = static_cast<double>(count / shape[0]),
          .out = static_cast<double>(count / shape[1])};
}

}  // namespace

Tensor initialize(const Initializer& initializer, const std::string& name,
                  const std::vector<std::int64_t>& shape, const Random& random) {
  if (!(initializer.gain > 0))
    throw std::invalid_argument("initialize: " + name + " has gain " +
                                std::to_string(initializer.gain) + ", expected more than 0");
  Tensor tensor{.shape = shape, .values = {}};
  tensor.values.resize(static_cast<std::size_t>(element_count(shape)));
  Random own = random.child(content_hash(name.data(), name.size()));
  const auto fill_normal = [&](double deviation) {
    const auto scale = static_cast<float>(initializer.gain * deviation);
    for (float& value : tensor.values) value = scale * own.normal();
  };
  switch (initializer.kind) {
    case InitializerKind::zeros:
      break;
    case InitializerKind::ones:
      std::fill(tensor.values.begin(), tensor.values.end(), 1.0f);
      break;
    case InitializerKind::he_normal:
      fill_normal(1 / std::sqrt(fans_of(name, shape).in));
      break;
    case InitializerKind::he_normal_out:
      fill_normal(1 / std::sqrt(fans_of(name, shape).out));
      break;
    case InitializerKind::glorot_normal: {
      const Fans fans = fans_of(name, shape);
      fill_normal(std::sqrt(2 / (fans.in + fans.out)));
      break;
    }
    case InitializerKind::glorot_uniform: {
      const Fans fans = fans_of(name, shape);
      const auto bound = static_cast<float>(initializer.gain * std::sqrt(6 / (fans.in + fans.out)));
      for (float& value : tensor.values) value = own.uniform(-bound, bound);
      break;
    }
  }
  return tensor;
}

double activation_gain(const std::string& activation, double slope) {
  if (activation == "linear" || activation == "sigmoid") return 1;
  if (activation == "tanh") return 5.0 / 3;
  if (activation == "selu") return 3.0 / 4;
  if (activation == "leaky_relu") return std::sqrt(2 / (1 + slope * slope));
  static const std::set<std::string> like_relu = {"relu",  "elu",       "gelu",
                                                  "swish", "hardswish", "mish"};
  if (like_relu.contains(activation)) return std::numbers::sqrt2;
  throw std::invalid_argument("activation_gain: unknown activation \"" + activation + "\"");
}

}  // namespace steelsight
