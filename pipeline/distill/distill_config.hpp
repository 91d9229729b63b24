#pragma once
// What `distill` is told.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"
#include "preprocessing/augmentation.hpp"

namespace steelsight {

// Light, blur and noise as a strip's camera meets them on a bad day: the student alone sees them
// and learns to see through them.
inline constexpr Augmentation kDistillAugmentation{.turn_probability = 0.5,
                                                   .max_shift = 0.1,
                                                   .max_zoom = 0.3,
                                                   .light_probability = 0.3,
                                                   .max_light = 0.5,
                                                   .blur_probability = 0.3,
                                                   .max_blur = 2,
                                                   .noise_probability = 0.3,
                                                   .max_noise = 0.15};

// The defaults are argued in docs/distill.md.
struct DistillConfig {
  std::vector<std::string> images;      // data sets; labels are used where there are some
  std::vector<std::string> unlabelled;  // folders, lists and patterns whose labels do not count
  std::string output;                   // the model file

  std::string teacher;                      // a model, or with weights an architecture
  std::string teacher_weights;              // weights file (models/weights.hpp)
  std::vector<std::string> teacher_layers;  // none: the ends of its last three stages
  int teacher_input_size = 0;               // of an architecture; 0: its own
  std::int64_t components = 192;            // of the teacher's features that are learned
  double whitening = 0.5;  // 0: each component counts by its variance, 1: all count alike
  std::int64_t views = 4;  // ways in which the teacher sees each image; the first is as it is
  std::string cache;       // folder for the teacher's features; empty: default_cache()

  std::string from;                 // the student's first weights; empty: pretrained_model()
  std::string arch;                 // instead: with random weights
  double width = 0.25;              // vgg16-slim
  int input_size = 0;               // of arch; 0: its own
  std::vector<std::string> layers;  // what the student's features are; none: its last four stages
  double label_weight = 0.3;        // of the labels beside the teacher; 0: labels are not used

  double validation = 0.1;  // share of images that are held out
  std::int64_t epochs = 20;
  std::int64_t batch_size = 32;
  OptimizerConfig optimizer{.kind = OptimizerKind::adamw, .weight_decay = 0.01};
  ScheduleConfig schedule{.kind = ScheduleKind::one_cycle, .learning_rate = 2e-3};
  Augmentation augmentation = kDistillAugmentation;
  std::uint64_t seed = 0;
  std::size_t loader_threads = 1;
  bool resume = false;
};

const Fields<DistillConfig>& distill_fields();

}  // namespace steelsight
