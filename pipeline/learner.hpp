#pragma once
// One network on its way through the epochs: batches in, parameters moved.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"
#include "pipeline/architecture.hpp"
#include "pipeline/train.hpp"
#include "preprocessing/loader.hpp"

namespace steelsight {

// First values of every parameter: He for weights before a rectifier, 0 for biases, 1 for scales.
TensorMap initial_parameters(const NetworkSpec& spec, std::uint64_t seed);

struct LabelledImages {
  std::vector<fs::path> paths;
  std::vector<int> labels;  // one for each path
};

class Learner {
 public:
  struct Epoch {
    double loss = 0, accuracy = 0;  // over the images as they were learned from
    double learning_rate = 0;       // of the last step
    std::size_t images = 0;         // that could be read and were in whole batches
  };

  // Throws DatasetError if there are no images.
  Learner(Backend& backend, const TrainConfig& config, const Architecture& architecture,
          LabelledImages images);

  // Epochs count from 0. Every image once, in an order of the epoch's own, but for those that don't
  // fill a whole batch (batch norm would weigh them too high). Calls `progress` with the images
  // done and the loss so far after each batch, and stops if it gives false. Throws ModelError if
  // the loss is not finite.
  Epoch run_epoch(std::int64_t epoch,
                  const std::function<bool(std::size_t images, double loss)>& progress);
  // For schedules that listen.
  void on_validation(double loss) { schedule_.on_epoch(loss); }

  std::size_t images_an_epoch() const { return steps_an_epoch_ * batch_size_; }
  // Position in the paths and reason of each image that could not be read so far. Later epochs
  // leave them out.
  const std::map<std::size_t, std::string>& unreadable() const { return unreadable_; }
  const TensorMap& parameters() const { return network_.parameters(); }

 private:
  std::vector<std::size_t> order(std::int64_t epoch) const;
  LossResult step(const Batch& batch, Random random, double learning_rate);
  std::vector<ParameterView> views();

  const LossConfig loss_;
  const Random random_;
  const LabelledImages images_;
  const std::size_t batch_size_;
  const std::size_t steps_an_epoch_;
  Loader loader_;
  TrainingNetwork network_;
  const std::vector<ParameterView> views_;
  Optimizer optimizer_;
  Schedule schedule_;
  std::map<std::size_t, std::string> unreadable_;
};

}  // namespace steelsight
