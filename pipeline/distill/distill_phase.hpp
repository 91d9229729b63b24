#pragma once
// The one phase of a distillation at work: in each epoch the student is shown one of the teacher's
// views of all images, and learns what the teacher sees in it.
#include "models/backend.hpp"
#include "pipeline/distill/distill_plan.hpp"
#include "pipeline/train/phase_run.hpp"

namespace steelsight {

class DistillPhaseStarter : public PhaseStarter {
 public:
  // Both are the caller's and outlive this.
  DistillPhaseStarter(Backend& backend, const DistillPlan& plan) : backend_(backend), plan_(plan) {}
  PhaseRun start(const Phase& phase, const StartingNetwork& network) override;

 private:
  Backend& backend_;
  const DistillPlan& plan_;
};

// The share of the teacher's components that a student does not explain on the images held out, as
// they are: the squared errors by the squares. 1 for a student that always answers the mean of the
// training images. Not measured without images.
double unexplained(Backend& backend, const DistillPlan& plan, const StartingNetwork& student);

}  // namespace steelsight
