#pragma once
// What the student is to give for an image: the principal components of what the teacher sees in
// it. Features are standardised, so that no layer drowns another; the components that vary most are
// kept, as the others are mostly noise of single channels; each is scaled between its own variance
// and none, and all together so that their mean variance is 1. The mean squared error of a student
// that always answers 0 is then 1, and a student's own is the share that it does not explain.
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "pipeline/features/features.hpp"

namespace steelsight {

struct TargetOptions {
  std::size_t components = 192;
  double whitening =
      0.5;  // 0: component k has the variance v_k, 1: 1; between: v_k^(1 - whitening)
  std::uint64_t seed = 0;  // chooses the images that the components are found on
};

// The components are found on so many images: with more they hardly change, and the time grows with
// the cube.
inline constexpr std::size_t kMostFitted = 2000;

class TeacherTargets {
 public:
  // Fits to the first view of each image that can be read. Throws DatasetError for fewer than two
  // images, or if all look the same to the teacher.
  TeacherTargets(const Features& features, const TargetOptions& options);

  // As many as asked for, or as there are.
  std::size_t components() const { return static_cast<std::size_t>(weight_.rows); }
  // The share of the standardised features' variance that the components hold.
  double explained() const { return explained_; }
  // Rows of features, N x D, as rows of components, N x K.
  cv::Mat of(const std::vector<std::span<const float>>& rows) const;

 private:
  cv::Mat weight_;  // K x D, CV_32F: standardisation, rotation and scale in one
  cv::Mat mean_;    // 1 x D, CV_32F
  double explained_ = 0;
};

}  // namespace steelsight
