#include "models/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "core/fields.hpp"

namespace steelsight {
namespace {

constexpr NamedValue<ScheduleKind> kScheduleKinds[] = {
    {ScheduleKind::constant, "constant"}, {ScheduleKind::step, "step"},
    {ScheduleKind::cosine, "cosine"},     {ScheduleKind::one_cycle, "one_cycle"},
    {ScheduleKind::plateau, "plateau"},
};

// A smaller reduction than this is none (ReduceLROnPlateau's eps).
constexpr double kLeastReduction = 1e-8;

void check(const ScheduleConfig& config, const std::string& path) {
  const auto require = [&](bool holds, const char* key, const Json& value, const char* expected) {
    if (!holds)
      throw ConfigError(path + "/" + key + " is " + value.dump() + ", expected " + expected);
  };
  const auto in_run = [](double value) { return value > 0 && value < 1; };
  const auto divides = [](double value) { return value >= 1 && std::isfinite(value); };
  const double rate = config.learning_rate, lowest = config.min_learning_rate;
  require(rate > 0 && std::isfinite(rate), "learning_rate", rate, "more than 0");
  require(lowest >= 0 && lowest <= rate, "min_learning_rate", lowest, "0 to learning_rate");
  require(config.warmup_steps >= 0, "warmup_steps", config.warmup_steps, "at least 0");
  require(config.step_epochs >= 1, "step_epochs", config.step_epochs, "at least 1");
  require(in_run(config.factor), "factor", config.factor, "more than 0 and less than 1");
  require(in_run(config.pct_start), "pct_start", config.pct_start, "more than 0 and less than 1");
  require(divides(config.div_factor), "div_factor", config.div_factor, "at least 1");
  require(divides(config.final_div_factor), "final_div_factor", config.final_div_factor,
          "at least 1");
  require(config.patience >= 0, "patience", config.patience, "at least 0");
  require(config.threshold >= 0 && config.threshold < 1, "threshold", config.threshold,
          "at least 0 and less than 1");
}

// From `start` to `end` along half a cosine, as `done` goes from 0 to 1; exact at both.
double anneal(double start, double end, double done) {
  const double left = (1 + std::cos(std::numbers::pi * done)) / 2;
  return left * start + (1 - left) * end;
}

const Fields<ScheduleConfig>& schedule_fields() {
  using C = ScheduleConfig;
  static const Fields<C> fields(
      {
          {"kind", &C::kind, kScheduleKinds},
          {"learning_rate", &C::learning_rate},
          {"warmup_steps", &C::warmup_steps},
          {"step_epochs", &C::step_epochs},
          {"factor", &C::factor},
          {"min_learning_rate", &C::min_learning_rate},
          {"pct_start", &C::pct_start},
          {"div_factor", &C::div_factor},
          {"final_div_factor", &C::final_div_factor},
          {"patience", &C::patience},
          {"threshold", &C::threshold},
      },
      [](C& config, const std::string& path) { check(config, path); });
  return fields;
}

}  // namespace

ScheduleConfig parse_schedule(const Json& json, const std::string& path) {
  return schedule_fields().read(json, path);
}

Json to_json(const ScheduleConfig& config) {
  return schedule_fields().write(config);
}

Schedule::Schedule(const ScheduleConfig& config, const RunLength& length)
    : config_(config), length_(length), reduced_rate_(config.learning_rate) {
  check(config_, "schedule");
  if (length_.steps_per_epoch < 1 || length_.epochs < 1)
    throw std::invalid_argument("Schedule: a run of " + std::to_string(length_.epochs) +
                                " epochs of " + std::to_string(length_.steps_per_epoch) +
                                " steps, expected at least one of each");
}

double Schedule::learning_rate(std::int64_t step) const {
  if (step < 0)
    throw std::out_of_range("Schedule::learning_rate: step " + std::to_string(step) +
                            ", expected at least 0");
  const double warm = step < config_.warmup_steps ? static_cast<double>(step + 1) /
                                                        static_cast<double>(config_.warmup_steps)
                                                  : 1.0;
  switch (config_.kind) {
    case ScheduleKind::constant:
      return warm * config_.learning_rate;
    case ScheduleKind::step: {
      const std::int64_t reductions = step / length_.steps_per_epoch / config_.step_epochs;
      return warm * config_.learning_rate *
             std::pow(config_.factor, static_cast<double>(reductions));
    }
    case ScheduleKind::cosine: {
      const double done = std::min(1.0, static_cast<double>(step) / total_steps());
      return warm * anneal(config_.learning_rate, config_.min_learning_rate, done);
    }
    case ScheduleKind::one_cycle:
      return warm * one_cycle(step);
    case ScheduleKind::plateau:
      return warm * reduced_rate_;
  }
  throw std::invalid_argument("Schedule::learning_rate: unknown kind");
}

double Schedule::total_steps() const {
  return static_cast<double>(length_.steps_per_epoch) * static_cast<double>(length_.epochs);
}

double Schedule::one_cycle(std::int64_t step) const {
  const double total = total_steps();
  const double at = std::min(static_cast<double>(step), total - 1);
  const double top = config_.pct_start * total - 1;  // the step with the highest rate
  const double first = config_.learning_rate / config_.div_factor;
  if (at > top) {
    const double last = first / config_.final_div_factor;
    return anneal(config_.learning_rate, last, (at - top) / (total - 1 - top));
  }
  return anneal(first, config_.learning_rate, top > 0 ? at / top : 1.0);
}

void Schedule::on_epoch(double validation_loss) {
  if (config_.kind != ScheduleKind::plateau) return;
  if (validation_loss < best_ * (1 - config_.threshold)) {
    best_ = validation_loss;
    bad_epochs_ = 0;
    return;
  }
  if (++bad_epochs_ <= config_.patience) return;
  bad_epochs_ = 0;
  const double reduced = std::max(reduced_rate_ * config_.factor, config_.min_learning_rate);
  if (reduced_rate_ - reduced > kLeastReduction) reduced_rate_ = reduced;
}

Json Schedule::state() const {
  Json state = Json::object();
  if (config_.kind != ScheduleKind::plateau) return state;
  state["learning_rate"] = reduced_rate_;
  state["bad_epochs"] = bad_epochs_;
  if (std::isfinite(best_)) state["best"] = best_;  // JSON has no infinity
  return state;
}

void Schedule::restore(const Json& state, const std::string& path) {
  JsonObject object(state, path);
  Schedule restored(config_, length_);
  if (config_.kind == ScheduleKind::plateau) {
    restored.reduced_rate_ = object.require<double>("learning_rate");
    restored.bad_epochs_ = object.require<std::int64_t>("bad_epochs");
    object.read("best", restored.best_);
    if (!(restored.reduced_rate_ > 0 && restored.reduced_rate_ <= config_.learning_rate))
      throw ConfigError(path + "/learning_rate is " + Json(restored.reduced_rate_).dump() +
                        ", expected more than 0 and at most " + Json(config_.learning_rate).dump());
    if (restored.bad_epochs_ < 0 || restored.bad_epochs_ > config_.patience)
      throw ConfigError(path + "/bad_epochs is " + std::to_string(restored.bad_epochs_) +
                        ", expected 0 to patience " + std::to_string(config_.patience));
  }
  object.finish();
  *this = restored;
}

}  // namespace steelsight
