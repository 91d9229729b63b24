#pragma once
// One network on its way through the epochs: batches in, parameters moved.
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/loss.hpp"
#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"
#include "pipeline/features/example_source.hpp"

namespace steelsight {

// First values of every parameter: He for weights before a rectifier, 0 for biases, 1 for scales,
// 1/4 for PReLU's slopes. Parameters that are known already stay.
TensorMap initial_parameters(const NetworkSpec& spec, std::uint64_t seed, TensorMap known = {});

// Which examples an epoch holds.
enum class Sampling {
  shuffled,  // each one once
  balanced,  // each class as often as any other; as many as there are examples
};

// What a step minimises: gives the loss of a batch, and its gradient by the network's outputs, N x
// K each. Images that can't be read count for nothing and get gradient 0.
using Objective = std::function<LossResult(const Batch& batch, std::span<const float> outputs,
                                           std::span<float> gradient)>;

struct LearnerConfig {
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
  LossConfig loss;
  Objective objective = {};  // in the place of `loss` on the source's labels
  std::int64_t epochs = 1;   // the schedule is stretched over them
  std::int64_t batch_size = 16;
  Sampling sampling = Sampling::shuffled;
  Random random{0};
  std::set<std::string> frozen_layers = {};
  std::map<std::string, double> rate_factors = {};  // for layers that learn slower, by name
};

class Learner {
 public:
  struct Epoch {
    double loss = 0, accuracy = 0;  // over the examples as they were learned from; not measured
                                    // with another objective
    double learning_rate = 0;       // in the last step
    std::size_t images = 0;         // images that could be read and were in whole batches
  };

  // Called after each batch with the examples done and the loss so far; false stops the epoch.
  using Progress = std::function<bool(std::size_t examples, double loss)>;

  // The source's batches have batch_size examples. Throws DatasetError if there are no examples.
  Learner(Backend& backend, const LearnerConfig& config, const NetworkSpec& spec,
          TensorMap parameters, LabelledSource source);

  // Epochs count from 0. In an order of the epoch's own, but without the examples that don't fill a
  // whole batch (batch norm would weigh them too high). Throws ModelError if the loss is not
  // finite, DatasetError if no example can be read.
  Epoch run_epoch(std::int64_t epoch, const Progress& progress);
  // Tells the schedule the validation loss of an epoch.
  void on_validation(double loss) { schedule_.on_epoch(loss); }

  std::size_t images_an_epoch() const { return steps_an_epoch_ * batch_size_; }
  // Position and reason of each example that could not be read so far. Later epochs leave them out.
  const std::map<std::size_t, std::string>& unreadable() const { return unreadable_; }
  const TensorMap& parameters() const { return network_.parameters(); }

  // All that later epochs depend on besides the constructor's arguments; after restore(state())
  // they are the same bit for bit. restore() throws ModelError for a state of another network.
  struct State {
    TensorMap parameters, optimizer;
    Json schedule;
    std::map<std::size_t, std::string> unreadable;
  };
  State state() const;
  void restore(const State& state);

 private:
  std::vector<std::size_t> order(std::int64_t epoch) const;
  LossResult step(const Batch& batch, Random random, double learning_rate);
  LossResult loss_on_labels(const Batch& batch, std::span<const float> logits);
  std::vector<ParameterView> parameter_views();

  const LearnerConfig config_;
  const LabelledSource source_;
  const std::size_t batch_size_;
  const std::size_t steps_an_epoch_;
  TrainingNetwork network_;
  const std::vector<ParameterView> parameter_views_;
  Optimizer optimizer_;
  Schedule schedule_;
  std::map<std::size_t, std::string> unreadable_;
};

// What a batch can hold of so many examples: `wanted`, or all of them if they are fewer. Throws
// DatasetError if there are none.
std::int64_t usable_batch(std::int64_t wanted, std::size_t examples);

}  // namespace steelsight
