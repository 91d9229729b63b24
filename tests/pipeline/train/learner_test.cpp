// Learner, its examples from features, and checkpoints of it.
#include "pipeline/train/learner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "datasets/error.hpp"
#include "models/error.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/train/checkpoint.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::learner_test {
namespace {

constexpr std::size_t kExamples = 12, kColumns = 4;

NetworkSpec two_layers() {
  return {
      .input = {kColumns},
      .layers = {{.type = LayerType::dense, .name = "a", .out = 5},
                 {.type = LayerType::activation, .name = "a_tanh", .function = Activation::tanh},
                 {.type = LayerType::dense, .name = "b", .out = 3}}};
}

LabelledSource examples(std::size_t batch) {
  Random random(1);
  std::vector<float> values(kExamples * kColumns);
  for (float& value : values) value = random.normal();
  std::vector<int> labels;
  for (std::size_t i = 0; i < kExamples; ++i) labels.push_back(i < 8 ? 0 : i < 11 ? 1 : 2);
  return {.examples =
              std::make_unique<FeatureSource>(make_features({kColumns}, std::move(values)), batch),
          .labels = std::move(labels)};
}

LearnerConfig config_of(OptimizerKind kind) {
  LearnerConfig config;
  config.optimizer = {.kind = kind, .momentum = kind == OptimizerKind::sgd ? 0.9 : 0};
  config.schedule = {.kind = ScheduleKind::plateau, .learning_rate = 0.05, .patience = 0};
  config.epochs = 6;
  config.batch_size = 4;
  config.random = Random(5);
  return config;
}

Learner make(Backend& backend, const LearnerConfig& config) {
  return Learner(backend, config, two_layers(), initial_parameters(two_layers(), 3),
                 examples(static_cast<std::size_t>(config.batch_size)));
}

void run(Learner& learner, std::int64_t from, std::int64_t to) {
  for (std::int64_t epoch = from; epoch < to; ++epoch) {
    learner.run_epoch(epoch, [](std::size_t, double) { return true; });
    learner.on_validation(1.0 + static_cast<double>(epoch));  // never better: the rate falls
  }
}

TEST(Learner, GoesOnFromItsStateBitForBitThroughAFile) {
  const fs::path file = fs::temp_directory_path() / fs::unique_path("steelsight-%%%%%%");
  Backend backend(1);
  for (const OptimizerKind kind :
       {OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::rmsprop, OptimizerKind::adagrad}) {
    Learner whole = make(backend, config_of(kind));
    run(whole, 0, 6);
    Learner first = make(backend, config_of(kind));
    run(first, 0, 3);
    save_checkpoint(file, {.identity = {.key = {{"a", 1}}, .examples = {{"1.bmp", "train Cr 0"}}},
                           .kernels = {{"conv", {.direct_ms = 0.1, .winograd_ms = 0.3}}},
                           .phase = 1,
                           .epoch = 3,
                           .log = {{.epoch = 1, .train_loss = 0.1}, {.epoch = 2}, {.epoch = 3}},
                           .learner = first.state(),
                           .best = {{"a.bias", Tensor{{2}, {1, 2}}}}});
    const Checkpoint read = load_checkpoint(file);
    EXPECT_EQ(read.kernels.at("conv").direct_ms, 0.1);
    EXPECT_EQ(read.kernels.at("conv").winograd_ms, 0.3);
    EXPECT_EQ(read.phase, 1u);
    EXPECT_EQ(read.identity.key, Json({{"a", 1}}));
    EXPECT_EQ(read.identity.examples.at("1.bmp"), "train Cr 0");
    EXPECT_EQ(read.best.at("a.bias").values[1], 2);
    EXPECT_EQ(read.epoch, 3);
    EXPECT_EQ(read.log.at(0).train_loss, 0.1);
    EXPECT_TRUE(std::isnan(read.log.at(0).validation_loss));
    Learner second = make(backend, config_of(kind));
    second.restore(*read.learner);
    run(second, 3, 6);
    for (const auto& [name, tensor] : whole.parameters())
      EXPECT_EQ(second.parameters().at(name).values, tensor.values) << name;
  }
  const std::string bytes = read_file(file);
  write_file(file, bytes.substr(0, bytes.size() / 2));
  EXPECT_THROW(load_checkpoint(file), ModelError);
  fs::remove(file);
}

// Resuming looks back by as many rows of the log.
TEST(Checkpoint, IsRefusedWithMoreEpochsThanItsLogHas) {
  const TemporaryFolder folder;
  const fs::path file = folder / "a.checkpoint.safetensors";
  for (const std::int64_t epoch : {-1, 2}) {
    save_checkpoint(file, {.identity = {}, .epoch = epoch, .log = {{.epoch = 1}}});
    EXPECT_THROW(load_checkpoint(file), ModelError) << epoch;
  }
  save_checkpoint(file, {.identity = {}, .epoch = 1, .log = {{.epoch = 1}}});
  EXPECT_EQ(load_checkpoint(file).epoch, 1);
}

TEST(Learner, RefusesTheStateOfAnotherNetwork) {
  Backend backend(1);
  Learner learner = make(backend, config_of(OptimizerKind::sgd));
  Learner::State state = learner.state();
  state.parameters.erase("a.bias");
  EXPECT_THROW(learner.restore(state), ModelError);
}

// With plain gradient descent a layer at half the rate moves half as far.
TEST(Learner, LayersCanLearnSlower) {
  Backend backend(1);
  LearnerConfig config = config_of(OptimizerKind::sgd);
  config.optimizer = {.kind = OptimizerKind::sgd};
  config.batch_size = kExamples;  // one step an epoch
  Learner full = make(backend, config);
  config.rate_factors = {{"a", 0.5}};
  Learner half = make(backend, config);
  run(full, 0, 1);
  run(half, 0, 1);
  const TensorMap begin = initial_parameters(two_layers(), 3);
  const auto moved = [&](const Learner& learner, const char* name) {
    return learner.parameters().at(name).values[0] - begin.at(name).values[0];
  };
  EXPECT_NEAR(moved(half, "a.weight"), 0.5 * moved(full, "a.weight"), 1e-6);
  EXPECT_EQ(moved(half, "b.weight"), moved(full, "b.weight"));
}

// Records the orders that it is asked for.
class Recorder : public ExampleSource {
 public:
  explicit Recorder(std::vector<std::size_t>& order) : order_(order) {}
  std::size_t size() const override { return kExamples; }
  void start(std::vector<std::size_t> order, Random) override { order_ = std::move(order); }
  std::optional<Batch> next() override { return std::nullopt; }

 private:
  std::vector<std::size_t>& order_;
};

TEST(Learner, ABalancedEpochShowsEachClassEquallyOften) {
  Backend backend(1);
  LearnerConfig config = config_of(OptimizerKind::sgd);
  config.sampling = Sampling::balanced;
  std::vector<std::size_t> order;
  LabelledSource source = examples(4);
  const std::vector<int> labels = source.labels;
  source.examples = std::make_unique<Recorder>(order);
  Learner learner(backend, config, two_layers(), initial_parameters(two_layers(), 3),
                  std::move(source));
  // The recorder gives no batch.
  EXPECT_THROW(learner.run_epoch(0, [](std::size_t, double) { return true; }), DatasetError);
  std::vector<int> shown(3);
  for (const std::size_t example : order) ++shown[static_cast<std::size_t>(labels[example])];
  EXPECT_THAT(shown, testing::ElementsAre(4, 4, 4));
}

TEST(FeatureSource, GivesRowsErrorsAndAShortLastBatch) {
  Features features = make_features({2}, {1, 2, 3, 4, 5, 6});
  features.rows[1] = nullptr;
  features.errors[1] = "broken";
  FeatureSource source(features, 2);
  source.start({2, 1, 0}, Random(0));
  const std::optional<Batch> first = source.next(), second = source.next();
  ASSERT_TRUE(first && second);
  EXPECT_THAT(first->planes, testing::ElementsAre(5, 6, 0, 0));
  EXPECT_EQ(first->errors[1], "broken");
  EXPECT_THAT(second->planes, testing::ElementsAre(1, 2));
  EXPECT_FALSE(source.next());
  EXPECT_EQ(features.select({1, 2}).errors.count(0), 1u);
  EXPECT_THROW(make_features({4}, {1, 2, 3}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::learner_test
