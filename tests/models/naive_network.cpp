#include "tests/models/naive_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

namespace steelsight {
namespace {

// One activation of the whole batch: n x c x h x w.
struct Array {
  std::int64_t n, c, h, w;
  std::vector<double> v;

  Array(std::int64_t images, const Shape& shape)
      : n(images),
        c(shape[0]),
        h(shape.size() == 3 ? shape[1] : 1),
        w(shape.size() == 3 ? shape[2] : 1),
        v(static_cast<std::size_t>(n * c * h * w), 0.0) {}
  double& at(std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) {
    return v[static_cast<std::size_t>(((i * c + k) * h + y) * w + x)];
  }
  double at(std::int64_t i, std::int64_t k, std::int64_t y, std::int64_t x) const {
    return const_cast<Array*>(this)->at(i, k, y, x);
  }
};

using Numbers = std::vector<double>;

double apply(const LayerSpec& layer, double x) {
  const double a = static_cast<double>(layer.alpha), b = static_cast<double>(layer.beta);
  const auto logistic = [](double t) { return 1 / (1 + std::exp(-t)); };
  const auto softplus = [](double t) { return std::log1p(std::exp(t)); };
  switch (layer.function) {
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::leaky_relu:
      return x > 0 ? x : a * x;
    case Activation::elu:
      return x > 0 ? x : a * std::expm1(x);
    case Activation::tanh:
      return std::tanh(x);
    case Activation::logistic:
      return logistic(x);
    case Activation::softplus:
      return softplus(x);
    case Activation::log_sigmoid:
      return -softplus(-x);
    case Activation::gelu:
      return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::gelu_tanh:
      return 0.5 * x *
             (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::swish:
      return x * logistic(a * x);
    case Activation::hard_swish:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case Activation::mish:
      return x * std::tanh(softplus(x));
    case Activation::clip:
      return std::clamp(x, a, b);
    case Activation::linear:
      return a * x + b;
    case Activation::abs:
      return std::abs(x);
    case Activation::square:
      return x * x;
    case Activation::sqrt:
      return std::sqrt(x);
    case Activation::exp:
      return std::exp(x);
    case Activation::identity:
      return x;
    case Activation::selu:
      return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543773 * std::expm1(x));
    case Activation::softsign:
      return x / (1 + std::abs(x));
    case Activation::arctan:
      return std::atan(x);
    case Activation::hard_sigmoid:
      return x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6;
    case Activation::hard_tanh:
      return std::min(std::max(x, -1.0), 1.0);
    case Activation::tanh_shrink:
      return x - std::tanh(x);
    case Activation::soft_shrink:
      return x > a ? x - a : x < -a ? x + a : 0;
    case Activation::hard_shrink:
      return x > a || x < -a ? x : 0;
  }
  throw std::logic_error("activation without a reference");
}

template <class Visit>
void for_each_output(const Array& out, Visit&& visit) {
  for (std::int64_t i = 0; i < out.n; ++i)
    for (std::int64_t k = 0; k < out.c; ++k)
      for (std::int64_t y = 0; y < out.h; ++y)
        for (std::int64_t x = 0; x < out.w; ++x) visit(i, k, y, x);
}

void conv(const LayerSpec& layer, const Array& in, const Numbers& weight, const Numbers* bias,
          Array& out) {
  const std::int64_t r = layer.kernel;
  for_each_output(out, [&](auto i, auto k, auto y, auto x) {
    double sum = bias ? (*bias)[static_cast<std::size_t>(k)] : 0;
    for (std::int64_t c = 0; c < in.c; ++c)
      for (std::int64_t dy = 0; dy < r; ++dy)
        for (std::int64_t dx = 0; dx < r; ++dx) {
          const std::int64_t sy = y * layer.stride + dy - layer.pad;
          const std::int64_t sx = x * layer.stride + dx - layer.pad;
          if (sy < 0 || sy >= in.h || sx < 0 || sx >= in.w) continue;
          sum += in.at(i, c, sy, sx) *
                 weight[static_cast<std::size_t>(((k * in.c + c) * r + dy) * r + dx)];
        }
    out.at(i, k, y, x) = sum;
  });
}

void dense(const Array& in, const Numbers& weight, const Numbers* bias, Array& out) {
  for_each_output(out, [&](auto i, auto k, auto, auto) {
    double sum = bias ? (*bias)[static_cast<std::size_t>(k)] : 0;
    for (std::int64_t c = 0; c < in.c; ++c)
      sum += in.at(i, c, 0, 0) * weight[static_cast<std::size_t>(k * in.c + c)];
    out.at(i, k, 0, 0) = sum;
  });
}

void pool(const LayerSpec& layer, const Array& in, Array& out) {
  const bool max = layer.type == LayerType::maxpool;
  const bool global = layer.type == LayerType::global_avgpool;
  const std::int64_t kh = global ? in.h : layer.kernel, kw = global ? in.w : layer.kernel;
  const std::int64_t stride = layer.stride == 0 ? layer.kernel : layer.stride;
  const std::int64_t pad = global ? 0 : layer.pad;
  for_each_output(out, [&](auto i, auto k, auto y, auto x) {
    double sum = 0, best = -std::numeric_limits<double>::infinity();
    int count = 0;
    for (std::int64_t dy = 0; dy < kh; ++dy)
      for (std::int64_t dx = 0; dx < kw; ++dx) {
        const std::int64_t sy = y * stride + dy - pad, sx = x * stride + dx - pad;
        if (sy < 0 || sy >= in.h || sx < 0 || sx >= in.w) continue;
        const double value = in.at(i, k, sy, sx);
        best = std::max(best, value);
        sum += value;
        ++count;
      }
    out.at(i, k, y, x) = max ? best : sum / count;
  });
}

void batchnorm(const LayerSpec& layer, const Array& in, const NaiveParameters& p, bool training,
               Array& out) {
  const double count = static_cast<double>(in.n * in.h * in.w);
  for (std::int64_t c = 0; c < in.c; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    double mean = p.values.at(layer.name + ".running_mean")[channel];
    double variance = p.values.at(layer.name + ".running_var")[channel];
    const auto each = [&](auto&& visit) {
      for (std::int64_t i = 0; i < in.n; ++i)
        for (std::int64_t y = 0; y < in.h; ++y)
          for (std::int64_t x = 0; x < in.w; ++x) visit(i, y, x);
    };
    if (training) {
      mean = variance = 0;
      each([&](auto i, auto y, auto x) { mean += in.at(i, c, y, x) / count; });
      each([&](auto i, auto y, auto x) {
        variance += std::pow(in.at(i, c, y, x) - mean, 2) / count;
      });
    }
    const double scale = p.values.at(layer.name + ".weight")[channel];
    const double shift = p.values.at(layer.name + ".bias")[channel];
    each([&](auto i, auto y, auto x) {
      out.at(i, c, y, x) = scale * (in.at(i, c, y, x) - mean) /
                               std::sqrt(variance + static_cast<double>(layer.epsilon)) +
                           shift;
    });
  }
}

void prelu(const Array& in, const Numbers& slopes, Array& out) {
  for_each_output(out, [&](auto i, auto k, auto y, auto x) {
    const double value = in.at(i, k, y, x);
    out.at(i, k, y, x) = value > 0 ? value : slopes[static_cast<std::size_t>(k)] * value;
  });
}

void softmax(const Array& in, Array& out) {
  for (std::int64_t i = 0; i < in.n; ++i) {
    double sum = 0;
    for (std::int64_t c = 0; c < in.c; ++c) sum += std::exp(in.at(i, c, 0, 0));
    for (std::int64_t c = 0; c < in.c; ++c) out.at(i, c, 0, 0) = std::exp(in.at(i, c, 0, 0)) / sum;
  }
}

void concat(const std::vector<const Array*>& inputs, Array& out) {
  for_each_output(out, [&](auto i, auto k, auto y, auto x) {
    std::int64_t channel = k;
    std::size_t which = 0;
    while (channel >= inputs[which]->c) channel -= inputs[which++]->c;
    out.at(i, k, y, x) = inputs[which]->at(i, channel, y, x);
  });
}

void compute(const LayerSpec& layer, const std::vector<const Array*>& inputs,
             const NaiveParameters& p, bool training, Array& out) {
  const Array& in = *inputs[0];
  const auto found = [&](const char* suffix) -> const Numbers* {
    const auto it = p.values.find(layer.name + suffix);
    return it == p.values.end() ? nullptr : &it->second;
  };
  switch (layer.type) {
    case LayerType::conv:
      return conv(layer, in, *found(".weight"), found(".bias"), out);
    case LayerType::dense:
      return dense(in, *found(".weight"), found(".bias"), out);
    case LayerType::batchnorm:
      return batchnorm(layer, in, p, training, out);
    case LayerType::maxpool:
    case LayerType::avgpool:
    case LayerType::global_avgpool:
      return pool(layer, in, out);
    case LayerType::prelu:
      return prelu(in, *found(".weight"), out);
    case LayerType::softmax:
      return softmax(in, out);
    case LayerType::concat:
      return concat(inputs, out);
    case LayerType::activation:
      std::transform(in.v.begin(), in.v.end(), out.v.begin(),
                     [&](double x) { return apply(layer, x); });
      return;
    case LayerType::add:
      for (const Array* other : inputs)
        for (std::size_t j = 0; j < out.v.size(); ++j) out.v[j] += other->v[j];
      return;
    case LayerType::flatten:
    case LayerType::dropout:
      out.v = in.v;
      return;
  }
}

}  // namespace

std::vector<double> naive_forward(const NetworkSpec& spec, const NaiveParameters& parameters,
                                  const std::vector<double>& input, std::int64_t n, bool training) {
  const std::vector<LayerGraph> graph = resolve(spec);
  std::vector<Array> arrays;
  arrays.reserve(graph.size() + 1);
  arrays.emplace_back(n, spec.input).v = input;
  for (std::size_t l = 0; l < graph.size(); ++l) {
    std::vector<const Array*> inputs;
    for (const std::size_t value : graph[l].inputs) inputs.push_back(&arrays[value]);
    arrays.emplace_back(n, graph[l].output);
    compute(spec.layers[l], inputs, parameters, training, arrays.back());
  }
  return arrays.back().v;
}

}  // namespace steelsight
