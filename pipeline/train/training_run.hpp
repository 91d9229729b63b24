#pragma once
// The epochs of a plan: phase after phase, each epoch validated, the best one kept. One file, the
// checkpoint, holds all that is needed to go on. The caller writes the model when all is done.
#include <cstdint>
#include <string>
#include <vector>

#include "models/model_file.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/train/checkpoint.hpp"
#include "pipeline/train/phase_run.hpp"
#include "pipeline/train/plan.hpp"

namespace steelsight {

class TrainingRun {
 public:
  // All are the caller's and outlive the run.
  TrainingRun(Backend& backend, const TrainPlan& plan, Console& console, PhaseStarter& starter);

  enum class Beginning {
    anew,
    going_on,  // from the checkpoint
    complete,  // the output is this run's: there is nothing to do
  };
  // Without config.resume always anew. Throws ConfigError, with what differs, if the checkpoint or
  // the output is of another run. Changes no file unless it is anew: then the checkpoint.
  Beginning begin();

  // Until the epochs are over, patience is, or the console's stop is requested.
  void run();

  // The plan's model with the parameters of the best epoch.
  Model best_model() const;
  const std::vector<EpochLog>& log() const { return checkpoint_.log; }
  std::int64_t best_epoch() const;  // from 1; 0 before the first

 private:
  Beginning complete(const std::string& difference) const;
  bool may_help(std::size_t phase) const;  // PhaseConfig::least_errors
  void run_phase(std::size_t index);
  void run_epoch(PhaseRun& running);
  void keep(const Learner& learner);
  void warn_of_unreadable(const Learner& learner);
  std::string progress_text(double images_a_second) const;
  bool patience_is_over(const Phase& phase) const;
  bool has_converged() const;
  bool is_over(const Phase& phase) const;

  Backend& backend_;
  const TrainPlan& plan_;
  Console& console_;
  PhaseStarter& starter_;
  std::int64_t total_epochs_ = 0;  // if no patience runs out
  Checkpoint checkpoint_;
  bool warned_ = false;
};

// MODEL.safetensors -> MODEL<suffix>
fs::path beside(const TrainConfig& config, const std::string& suffix);

}  // namespace steelsight
