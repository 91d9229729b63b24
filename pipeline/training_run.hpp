#pragma once
// The epochs of `train`: stage after stage, each epoch validated, the best one kept, the run's
// state saved so that it can be resumed.
#include <cstdint>
#include <string>
#include <vector>

#include "models/model_file.hpp"
#include "pipeline/checkpoint.hpp"
#include "pipeline/console.hpp"
#include "pipeline/stage.hpp"

namespace steelsight {

class TrainingRun {
 public:
  // `model` is complete but for what is learned: its parameters are those the run begins with.
  // `identity` is what a run that is resumed must have in common with the one that was stopped.
  // All are the caller's and outlive the run.
  TrainingRun(Backend& backend, const TrainConfig& config, Console& console, StageMaker& stages,
              Model model, Json identity);

  // Until the epochs are over, patience is, or the user's is. With config.resume it goes on where
  // the checkpoint stands. The model of the best epoch is in config.output then. Throws ConfigError
  // if the checkpoint is of another run.
  void run();

  const std::vector<EpochLog>& log() const { return checkpoint_.log; }
  std::int64_t best_epoch() const;  // from 1; 0 before the first

 private:
  void run_stage(std::size_t index);
  void run_epoch(Stage& stage);
  void keep(Stage& stage);
  void warn_of_unreadable(const Learner& learner);
  std::string progress_text(double images_a_second) const;
  Json describe() const;
  bool patience_is_over(const ResolvedStage& stage) const;
  bool has_converged() const;
  bool is_over(const ResolvedStage& stage) const;

  Backend& backend_;
  const TrainConfig& config_;
  Console& console_;
  StageMaker& stage_maker_;
  Model model_;
  const Json training_;  // the model's record of how it came to be, without the epoch
  const std::vector<ResolvedStage> stages_;
  std::int64_t total_epochs_ = 0;  // if no patience runs out
  Checkpoint checkpoint_;
  bool warned_ = false;
};

// MODEL.safetensors -> MODEL<suffix>
fs::path beside(const TrainConfig& config, const std::string& suffix);

}  // namespace steelsight
