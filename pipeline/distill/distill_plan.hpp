#pragma once
// All that a distillation decides before its first step: which images, what the teacher sees in
// them, what the student begins with. Depends on the content of its inputs alone, as
// pipeline/train/plan.hpp does.
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/distill/distill_images.hpp"
#include "pipeline/distill/teacher_targets.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/train/plan.hpp"

namespace steelsight {

struct DistillPlan {
  DistillConfig config;
  DistillImages images;      // those that can be read
  Features train, held_out;  // what the teacher sees: config.views of each, and one
  TeacherTargets targets;
  // For TrainingRun: output, the one phase, the student with its first parameters, the identity.
  // Its data set and parts are empty.
  TrainPlan run;
};

// Says on the console what was found and decided. Throws as distill().
DistillPlan make_distill_plan(Backend& backend, const DistillConfig& config, Console& console);

// What extract_features() is told for the teacher and the student alike.
ExtractionOptions extraction_options(const DistillConfig& config, std::int64_t views);

// How the student is shown its images in one of the teacher's views.
View shown_view(const DistillConfig& config, std::size_t view);

}  // namespace steelsight
