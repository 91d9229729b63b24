#pragma once
// A phase of a training run at work: part of a network and the examples that it learns from. With a
// frozen layer the examples are the features there, computed once, and only what follows is run.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/command/console.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/predict/validation.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/least_squares.hpp"
#include "pipeline/train/phase.hpp"

namespace steelsight {

struct PhaseRun {
  std::unique_ptr<Learner> learner;
  // An epoch, counted from 0: the learner's, unless the phase is solved at once.
  std::function<Learner::Epoch(std::int64_t epoch, const Learner::Progress&)> learn;
  std::function<Validation()> validate;  // tests what the learner has learned so far
};

// The network at the beginning of a phase. Parameters: all of the spec's.
struct StartingNetwork {
  const NetworkSpec& spec;
  const TensorMap& parameters;
};

struct LabelledFeatures {
  Features features;
  std::vector<int> labels;  // one for each example
};

// Where a run's phases get their examples from.
class PhaseStarter {
 public:
  virtual ~PhaseStarter() = default;
  virtual PhaseRun start(const Phase& phase, const StartingNetwork& network) = 0;
  // What the head of a phase that least squares has solved says of each training example without
  // having seen it. Nothing where examples can't be left out.
  virtual Validated left_out(const Phase&, const StartingNetwork&) { return {}; }
};

// From images: the whole network, or what follows a frozen layer.
class ImagePhaseStarter : public PhaseStarter {
 public:
  // All are the caller's and outlive this.
  ImagePhaseStarter(Backend& backend, const TrainConfig& config, Console& console,
                    const Preprocessing& preprocessing, const LabelledExamples& train,
                    const LabelledExamples& validation);
  PhaseRun start(const Phase& phase, const StartingNetwork& network) override;
  Validated left_out(const Phase& phase, const StartingNetwork& network) override;

 private:
  LabelledFeatures features_at(const std::string& layer, const StartingNetwork& network,
                               const LabelledExamples& examples, std::size_t views);
  PhaseRun whole_network(const Phase& phase, const StartingNetwork& network);
  PhaseRun behind_frozen(const Phase& phase, const StartingNetwork& network);

  Backend& backend_;
  const TrainConfig& config_;
  Console& console_;
  const Preprocessing& preprocessing_;
  const LabelledExamples& train_;
  const LabelledExamples& validation_;
};

// From rows of a table: the whole network, in memory. Layers up to a phase's frozen one are run all
// the same, and don't learn.
class TablePhaseStarter : public PhaseStarter {
 public:
  TablePhaseStarter(Backend& backend, LabelledFeatures train, LabelledFeatures validation);
  PhaseRun start(const Phase& phase, const StartingNetwork& network) override;

 private:
  Backend& backend_;
  const LabelledFeatures train_, validation_;
};

// From features, or rows of a table: a network that reads them. A batch norm named kFeaturesNorm
// (models/surgery.hpp) that comes first gets the statistics of the training rows.
PhaseRun start_on_features(Backend& backend, LearnerConfig config, const StartingNetwork& network,
                           LabelledFeatures train, LabelledFeatures validation);

// Sets the dense layer that the spec ends in to the solution of least squares on features, or rows
// of a table. A norm that comes first is taken as it is. The options' classes and bias are the
// layer's. Throws ModelError unless all before the layer is the norm and dropout; as
// least_squares_head().
LeastSquaresFit solve_head(const NetworkSpec& spec, TensorMap& parameters,
                           const LabelledFeatures& train, LeastSquaresOptions options);

}  // namespace steelsight
