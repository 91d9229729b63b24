#pragma once
// From which confidence on a prediction is accepted, for a stated rate of errors.
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/reliability.hpp"

namespace steelsight {

struct Acceptance {
  float threshold = 0;       // accepted: confidence >= threshold
  std::size_t images = 0;    // all
  std::size_t accepted = 0;  // at least 1
  std::size_t wrong = 0;     // of the accepted

  double coverage() const { return static_cast<double>(accepted) / static_cast<double>(images); }
  double error() const { return static_cast<double>(wrong) / static_cast<double>(accepted); }
};

// What each confidence that occurs accepts as the threshold, the highest first; the last one is 0
// and accepts all. Equal confidences are accepted together. Empty for no images.
std::vector<Acceptance> acceptances(std::span<const Judged> images);

// The lowest threshold at which the share of wrong ones among the accepted is at most `max_error`:
// 0 if all may be accepted, otherwise the confidence of an image. Nothing if no threshold reaches
// it, or there are no images. It is the rate on these images, in any order; on others it varies as
// that of so many images does. Throws std::invalid_argument for a rate outside of [0, 1].
std::optional<Acceptance> accept_up_to_error(std::span<const Judged> images, double max_error);

// The least error that a threshold can reach: with the highest coverage that has it. Nothing for no
// images.
std::optional<Acceptance> least_error(std::span<const Judged> images);

}  // namespace steelsight
