#pragma once
// The learning rate of each optimiser step. The shapes are those of torch.optim.lr_scheduler
// (PyTorch 1.13); a linear warm-up multiplies any of them.
//
//   Schedule schedule({.kind = ScheduleKind::one_cycle, .learning_rate = 2e-3},
//                     {.steps_per_epoch = 45, .epochs = 30});
//   for (std::int64_t step = 0; step < 45 * 30; ++step)
//     optimizer.step(parameters, schedule.learning_rate(step));
#include <cstdint>
#include <limits>
#include <string>

#include "core/json_object.hpp"

namespace steelsight {

enum class ScheduleKind { constant, step, cosine, one_cycle, plateau };

// Every option is known for every kind, and read by those named behind it. t is the step, from 0,
// and T the number of steps of the run.
struct ScheduleConfig {
  ScheduleKind kind = ScheduleKind::constant;  // "constant", "step", "cosine", "one_cycle",
                                               // "plateau"
  double learning_rate = 1e-3;                 // > 0: the highest
  std::int64_t warmup_steps = 0;  // all: times (t + 1) / warmup_steps in the first warmup_steps
  std::int64_t step_epochs = 10;  // step (StepLR): times `factor` after every so many epochs
  double factor = 0.1;            // in (0, 1): step, plateau
  double min_learning_rate = 0;   // cosine (CosineAnnealingLR): where it ends, at t = T; plateau:
                                  // the lowest
  double pct_start = 0.3;         // in (0, 1): one_cycle (OneCycleLR): the part of T that rises
  double div_factor = 25;         // >= 1: one_cycle: begins at learning_rate / div_factor
  double final_div_factor = 1e4;  // >= 1: one_cycle: ends at that begin / final_div_factor
  std::int64_t patience = 10;     // plateau (ReduceLROnPlateau): epochs without a lower loss that
                                  // are borne before the rate is multiplied by `factor`
  double threshold = 1e-4;        // in [0, 1): plateau: lower means loss < best * (1 - threshold)

  bool operator==(const ScheduleConfig&) const = default;
};

// Strict. Throws ConfigError with the path of what is wrong, ranges included.
ScheduleConfig parse_schedule(const Json& json, const std::string& path);
Json to_json(const ScheduleConfig& config);

struct RunLength {
  std::int64_t steps_per_epoch = 0;
  std::int64_t epochs = 0;
};

class Schedule {
 public:
  // Throws ConfigError for an option out of range, std::invalid_argument for an empty run.
  Schedule(const ScheduleConfig& config, const RunLength& length);

  // For step 0, 1, ...; depends on the step alone, and for plateau also on the epochs reported.
  // Beyond the run it stays at the last value (step: goes on). Throws std::out_of_range for a
  // negative step.
  double learning_rate(std::int64_t step) const;

  // At the end of each epoch. Only plateau listens; a NaN is an epoch without a lower loss.
  void on_epoch(double validation_loss);

  // What on_epoch has changed, and back, bit for bit. restore() throws ConfigError with `path`.
  Json state() const;
  void restore(const Json& state, const std::string& path);

 private:
  double total_steps() const;
  double one_cycle(std::int64_t step) const;

  ScheduleConfig config_;
  RunLength length_;
  // plateau:
  double reduced_rate_;
  double best_ = std::numeric_limits<double>::infinity();
  std::int64_t bad_epochs_ = 0;
};

}  // namespace steelsight
