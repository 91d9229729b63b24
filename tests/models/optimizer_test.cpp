#include "models/optimizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "core/random.hpp"
#include "models/error.hpp"

namespace steelsight::optimizer_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::ThrowsMessage;
using testing::Truly;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Two parameters with their gradients, and a view of them.
struct Parameters {
  std::vector<float> weight, bias, weight_gradient, bias_gradient;

  explicit Parameters(std::size_t weights = 37, std::size_t biases = 5)
      : weight(weights), bias(biases), weight_gradient(weights), bias_gradient(biases) {
    draw(1, weight, bias);
    draw(2, weight_gradient, bias_gradient);
  }

  void draw_gradients(std::uint64_t seed) { draw(seed, weight_gradient, bias_gradient); }

  std::vector<ParameterView> views() {
    return {{.name = "w", .value = weight, .gradient = weight_gradient},
            {.name = "b", .value = bias, .gradient = bias_gradient, .decay = false}};
  }

 private:
  static void draw(std::uint64_t seed, std::vector<float>& a, std::vector<float>& b) {
    Random random(seed);
    for (float& value : a) value = random.normal();
    for (float& value : b) value = random.normal();
  }
};

const std::vector<OptimizerConfig>& every_kind() {
  static const std::vector<OptimizerConfig> configs = {
      {.kind = OptimizerKind::sgd},
      {.kind = OptimizerKind::sgd, .momentum = 0.9},
      {.kind = OptimizerKind::sgd, .momentum = 0.9, .nesterov = true},
      {.kind = OptimizerKind::adagrad},
      {.kind = OptimizerKind::rmsprop},
      {.kind = OptimizerKind::rmsprop, .momentum = 0.9},
      {.kind = OptimizerKind::adam},
      {.kind = OptimizerKind::adamw, .weight_decay = 0.1},
  };
  return configs;
}

TEST(Optimizer, FirstStepsByHand) {
  std::vector<float> value{1.0f}, gradient{0.5f};
  const std::vector<ParameterView> views{{.name = "w", .value = value, .gradient = gradient}};
  Optimizer sgd({.momentum = 0.5, .weight_decay = 0.1}, views);
  sgd.step(views, 0.1);  // velocity 0.5 + 0.1 * 1 = 0.6
  EXPECT_FLOAT_EQ(value[0], 0.94f);
  sgd.step(views, 0.1);  // velocity 0.5 * 0.6 + 0.5 + 0.1 * 0.94 = 0.894
  EXPECT_FLOAT_EQ(value[0], 0.8506f);

  value = {1.0f};
  Optimizer adam({.kind = OptimizerKind::adamw, .weight_decay = 0.5}, views);
  adam.step(views, 0.1);  // 1 - 0.1 * 0.5, and a first step of the learning rate
  EXPECT_FLOAT_EQ(value[0], 0.85f);
}

TEST(Optimizer, L1PullsEachWeightByItsSign) {
  std::vector<float> value{2.0f, -3.0f, 0.0f}, gradient{0.5f, 0.5f, 0.5f};
  const std::vector<ParameterView> views{{.name = "w", .value = value, .gradient = gradient}};
  Optimizer({.l1 = 0.25}, views).step(views, 1);
  EXPECT_THAT(value, ElementsAre(1.25f, -3.25f, -0.5f));

  value = {2.0f, -3.0f, 0.0f};
  Optimizer({.l1 = 0.25, .weight_decay = 0.5}, views).step(views, 1);  // an elastic net
  EXPECT_THAT(value, ElementsAre(0.25f, -1.75f, -0.5f));
}

// Of two features that say the same, L1 leaves one, and L2 halves both.
TEST(Optimizer, L1MakesWeightsZeroWhereL2MakesThemSmall) {
  const auto fitted = [](const OptimizerConfig& config) {
    std::vector<float> value{0.9f, 0.1f}, gradient(2);
    const std::vector<ParameterView> views{{.name = "w", .value = value, .gradient = gradient}};
    Optimizer optimizer(config, views);
    for (int step = 0; step < 2000; ++step) {  // of (1.25 w0 + w1 - 1)^2
      const float slope = 2 * (1.25f * value[0] + value[1] - 1);
      gradient = {1.25f * slope, slope};
      optimizer.step(views, 0.01);
    }
    return value;
  };
  EXPECT_NEAR(fitted({.l1 = 0.1})[1], 0, 2e-3);
  EXPECT_GT(fitted({.weight_decay = 0.1})[1], 0.3f);
}

TEST(Optimizer, KeepsBiasesFromDecay) {
  for (OptimizerConfig config : every_kind()) {
    Parameters decayed, plain;
    config.l1 = 0.2;
    config.weight_decay = 0.3;
    Optimizer with(config, decayed.views());
    config.l1 = config.weight_decay = 0;
    Optimizer without(config, plain.views());
    with.step(decayed.views(), 0.1);
    without.step(plain.views(), 0.1);
    EXPECT_EQ(decayed.bias, plain.bias) << to_json(config);
    EXPECT_NE(decayed.weight, plain.weight) << to_json(config);
  }
}

TEST(Optimizer, ScalesTheLearningRateByParameter) {
  for (const OptimizerConfig& config : every_kind()) {
    Parameters half, whole, still;
    Optimizer a(config, half.views()), b(config, whole.views()), c(config, still.views());
    auto views = half.views();
    for (ParameterView& view : views) view.learning_rate_factor = 0.5;
    a.step(views, 0.1);
    b.step(whole.views(), 0.05);
    EXPECT_EQ(half.weight, whole.weight) << to_json(config);
    views = still.views();
    views[0].learning_rate_factor = 0;
    c.step(views, 0.1);
    EXPECT_EQ(still.weight, Parameters().weight) << to_json(config);
    EXPECT_NE(still.bias, Parameters().bias) << to_json(config);
  }
}

TEST(Optimizer, ClipsTheNormOverAllGradients) {
  std::vector<float> a{0}, b{0};
  const std::vector<float> a_gradient{3}, b_gradient{-4};
  const std::vector<ParameterView> views{{.name = "a", .value = a, .gradient = a_gradient},
                                         {.name = "b", .value = b, .gradient = b_gradient}};
  EXPECT_DOUBLE_EQ(gradient_norm(views), 5);
  Optimizer({.clip_norm = 1}, views).step(views, 1);
  EXPECT_NEAR(a[0], -0.6, 1e-6);
  EXPECT_NEAR(b[0], 0.8, 1e-6);
  a = b = {0};
  Optimizer({.clip_norm = 6}, views).step(views, 1);
  EXPECT_EQ(a[0], -3);
  a = b = {0};
  Optimizer({.clip_value = 3.5}, views).step(views, 1);
  EXPECT_EQ(a[0], -3);
  EXPECT_EQ(b[0], 3.5);
}

TEST(Optimizer, ClipsInfinityByValue) {
  std::vector<float> value{0, 0, 0};
  const std::vector<float> gradient{kInfinity, -kInfinity, kNaN};
  const std::vector<ParameterView> views{{.name = "a", .value = value, .gradient = gradient}};
  Optimizer({.clip_value = 2}, views).step(views, 1);
  EXPECT_EQ(value[0], -2);
  EXPECT_EQ(value[1], 2);
  EXPECT_TRUE(std::isnan(value[2]));
}

TEST(Optimizer, ShowsGradientsThatAreNotFinite) {
  for (const float broken : {kNaN, kInfinity}) {
    for (const OptimizerConfig& config : every_kind()) {
      Parameters parameters;
      parameters.weight_gradient[20] = broken;
      EXPECT_FALSE(std::isfinite(gradient_norm(parameters.views())));
      Optimizer(config, parameters.views()).step(parameters.views(), 0.1);
      EXPECT_FALSE(std::isfinite(parameters.weight[20])) << to_json(config);
      EXPECT_TRUE(std::isfinite(parameters.weight[21])) << to_json(config);
    }
    Parameters parameters;
    parameters.weight_gradient[20] = broken;
    Optimizer({.clip_norm = 1}, parameters.views()).step(parameters.views(), 0.1);
    EXPECT_FALSE(std::isfinite(parameters.weight[20]));
    EXPECT_EQ(std::isnan(parameters.bias[0]), std::isnan(broken));
  }
}

TEST(Optimizer, FindsTheMinimumOfABowl) {
  for (const OptimizerConfig& config : every_kind()) {
    std::vector<float> value{2, -3}, gradient(2);
    const std::vector<ParameterView> views{
        {.name = "x", .value = value, .gradient = gradient, .decay = false}};
    Optimizer optimizer(config, views);
    for (int step = 0; step < 2000; ++step) {
      for (std::size_t i = 0; i < 2; ++i) gradient[i] = 2 * (value[i] - 1);
      optimizer.step(views, config.kind == OptimizerKind::adagrad ? 0.5 : 0.01);
    }
    EXPECT_THAT(value, Each(testing::FloatNear(1, 0.05f))) << to_json(config);
  }
}

TEST(Optimizer, ResumesBitForBit) {
  for (const OptimizerConfig& config : every_kind()) {
    Parameters straight, resumed;
    Optimizer one(config, straight.views());
    for (std::uint64_t step = 0; step < 10; ++step) {
      straight.draw_gradients(step);
      one.step(straight.views(), 0.01);
    }
    auto before = std::make_unique<Optimizer>(config, resumed.views());
    for (std::uint64_t step = 0; step < 10; ++step) {
      if (step == 6) {
        auto after = std::make_unique<Optimizer>(config, resumed.views());
        after->restore(before->state());
        before = std::move(after);
      }
      resumed.draw_gradients(step);
      before->step(resumed.views(), 0.01);
    }
    EXPECT_EQ(straight.weight, resumed.weight) << to_json(config);
    EXPECT_EQ(straight.bias, resumed.bias) << to_json(config);
  }
}

TEST(Optimizer, CountsStepsBeyondAFloat) {
  Parameters parameters;
  Optimizer optimizer({}, parameters.views());
  optimizer.restore({{"step", {.shape = {2}, .values = {3, 16777215}}}});
  optimizer.step(parameters.views(), 0.1);
  EXPECT_THAT(optimizer.state().at("step").values, ElementsAre(4, 0));
}

TEST(Optimizer, StateNamesSlotAndParameter) {
  Parameters parameters;
  const TensorMap state = Optimizer({.kind = OptimizerKind::adam}, parameters.views()).state();
  std::vector<std::string> names;
  for (const auto& [name, tensor] : state) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("mean/b", "mean/w", "square_mean/b", "square_mean/w", "step"));
  EXPECT_THAT(state.at("mean/w").shape, ElementsAre(37));
}

TEST(Optimizer, RefusesStateOfAnother) {
  Parameters parameters, larger(38);
  Optimizer optimizer({.kind = OptimizerKind::adam}, parameters.views());
  optimizer.step(parameters.views(), 0.1);
  const TensorMap good = optimizer.state();
  const auto refuses = [&](const TensorMap& state, const char* message) {
    EXPECT_THAT([&] { optimizer.restore(state); }, ThrowsMessage<ModelError>(HasSubstr(message)));
    EXPECT_EQ(optimizer.state().at("mean/w").values, good.at("mean/w").values);
    EXPECT_EQ(optimizer.state().at("step").values, good.at("step").values);
  };
  refuses({}, "no tensor 'step'");
  refuses(Optimizer({.momentum = 0.9}, parameters.views()).state(), "no tensor 'mean/w'");
  refuses(Optimizer({.kind = OptimizerKind::adam}, larger.views()).state(),
          "'mean/w' has 38 values, expected 37");
  TensorMap state = good;
  state["other"] = {};
  refuses(state, "has 6 tensors, expected 5");
  for (const std::vector<float>& step :
       std::vector<std::vector<float>>{{0, 0.5f}, {-1, 0}, {0, 16777216}, {kNaN, 0}}) {
    state = good;
    state["step"].values = step;
    refuses(state, "'step' is not a number of steps");
  }
  state = good;
  state["step"].values = {1};
  refuses(state, "'step' has 1 values, expected 2");
}

TEST(Optimizer, RefusesOtherParameters) {
  Parameters parameters;
  Optimizer optimizer({}, parameters.views());
  const auto refuses = [&](const std::vector<ParameterView>& views, const char* message) {
    EXPECT_THAT([&] { optimizer.step(views, 0.1); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(message)));
  };
  auto views = parameters.views();
  views.pop_back();
  refuses(views, "1 parameters, expected 2");
  views = parameters.views();
  std::swap(views[0], views[1]);
  refuses(views, "parameter 0 is b, expected w");
  views = parameters.views();
  views[0].gradient = views[0].gradient.first(3);
  refuses(views, "w has 37 values and 3 gradients, expected 37");
  views = parameters.views();
  views[1].value = views[1].value.first(2);
  refuses(views, "b has 2 values and 5 gradients, expected 5");
  EXPECT_EQ(optimizer.state().at("step").values, (std::vector<float>{0, 0}));

  views = parameters.views();
  views[1].name = "w";
  EXPECT_THAT([&] { Optimizer({}, views); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("two parameters are named w")));
  EXPECT_THROW(Optimizer({.momentum = 2}, parameters.views()), ConfigError);
}

TEST(OptimizerConfig, GoesThroughJson) {
  for (OptimizerConfig config : every_kind()) {
    config.epsilon = 1e-7;
    config.clip_norm = 0.1;
    EXPECT_EQ(parse_optimizer(parse_json(to_json(config).dump(), "test"), ""), config);
  }
  EXPECT_EQ(parse_optimizer(Json::object(), ""), OptimizerConfig{});
}

TEST(OptimizerConfig, RefusesWhatMakesNoSense) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"kind": "lion"})", "/o/kind is \"lion\", expected one of sgd, adagrad, rmsprop, adam"},
      {R"({"beta3": 1})", "/o/beta3 is not known"},
      {R"({"momentum": 1})", "/o/momentum is 1.0, expected at least 0 and less than 1"},
      {R"({"momentum": -0.1})", "/o/momentum"},
      {R"({"alpha": 1})", "/o/alpha"},
      {R"({"beta1": 1})", "/o/beta1"},
      {R"({"beta2": -1})", "/o/beta2"},
      {R"({"epsilon": 0})", "/o/epsilon is 0.0, expected more than 0"},
      {R"({"weight_decay": -1})", "/o/weight_decay"},
      {R"({"clip_norm": -1})", "/o/clip_norm"},
      {R"({"clip_value": -1})", "/o/clip_value"},
      {R"({"clip_value": 1, "clip_norm": 1})", "/o has clip_norm and clip_value"},
      {R"({"nesterov": true})", "/o/nesterov needs a momentum"},
      {R"({"nesterov": 1})", "/o/nesterov is 1, expected true or false"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_THAT([text = text] { parse_optimizer(parse_json(text, "test"), "/o"); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
}

}  // namespace
}  // namespace steelsight::optimizer_test
