#pragma once
// A stage of a training run: which part of the network learns, from which examples. With a frozen
// layer, the examples are the features there, computed once, and only what follows is run.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/console.hpp"
#include "pipeline/features.hpp"
#include "pipeline/learner.hpp"
#include "pipeline/train.hpp"
#include "pipeline/validation.hpp"

namespace steelsight {

struct Stage {
  std::unique_ptr<Learner> learner;
  // An epoch, counted from 0: the learner's, unless the stage is solved at once.
  std::function<Learner::Epoch(std::int64_t epoch, const Learner::Progress&)> learn;
  std::function<Validation()> validate;  // of what the learner has learned so far
  TensorMap frozen;                      // parameters that the learner does not have
};

// The network at the beginning of a stage.
struct StartingNetwork {
  const NetworkSpec& spec;
  const TensorMap& parameters;
};

// Where a run's stages get their examples from.
class StageMaker {
 public:
  virtual ~StageMaker() = default;
  // For stage `index` of stages_of(config).
  virtual Stage make(std::size_t index, const StartingNetwork& start) = 0;
};

// The stages of a run, resolved: layer names are those of the spec, empty for none; schedules have
// their learning rates. Throws ModelError for a layer that can't be frozen.
struct ResolvedStage {
  std::string freeze;
  std::int64_t epochs;
  std::int64_t patience;
  ScheduleConfig schedule;
  bool solved = false;  // the head is the solution of least squares, in one epoch
};
std::vector<ResolvedStage> stages_of(const TrainConfig& config, const NetworkSpec& spec);

// What the learner of a stage is told.
LearnerConfig learner_config(const TrainConfig& config, const NetworkSpec& spec, std::size_t index);

// From images: the whole network, or what follows a frozen layer.
class ImageStages : public StageMaker {
 public:
  ImageStages(Backend& backend, const TrainConfig& config, Console& console,
              const Preprocessing& preprocessing, LabelledExamples train,
              LabelledExamples validation);
  Stage make(std::size_t index, const StartingNetwork& start) override;

 private:
  Stage whole_network(std::size_t index, const StartingNetwork& start);
  Stage behind(const std::string& layer, std::size_t index, const StartingNetwork& start);

  Backend& backend_;
  const TrainConfig& config_;
  Console& console_;
  const Preprocessing preprocessing_;
  const LabelledExamples train_, validation_;
};

struct LabelledFeatures {
  Features features;
  std::vector<int> labels;  // one for each example
};

// From rows of a table: the whole network, in memory. Layers up to a stage's frozen one are run all
// the same, and don't learn.
class TableStages : public StageMaker {
 public:
  // Throws ConfigError for a head by least squares.
  TableStages(Backend& backend, const TrainConfig& config, LabelledFeatures train,
              LabelledFeatures validation);
  Stage make(std::size_t index, const StartingNetwork& start) override;

 private:
  Backend& backend_;
  const TrainConfig& config_;
  const LabelledFeatures train_, validation_;
};

// From features, or rows of a table: a network that reads them. A batch norm named kFeaturesNorm
// (models/surgery.hpp) that comes first gets the statistics of the training rows.
Stage feature_stage(Backend& backend, LearnerConfig config, const StartingNetwork& start,
                    LabelledFeatures train, LabelledFeatures validation);

// The same with the head solved by least squares instead of trained. Throws ModelError unless all
// that follows the features is the norm, dropout and one dense layer.
Stage solved_stage(Backend& backend, const TrainConfig& config, const StartingNetwork& start,
                   LabelledFeatures train, LabelledFeatures validation);

}  // namespace steelsight
