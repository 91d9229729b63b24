#pragma once
// Which images a report shows without being asked.
#include <cstddef>
#include <string>
#include <vector>

namespace steelsight {

struct Report;

struct Gallery {
  std::vector<std::size_t> errors;  // rows of the predictions; the most confident ones first
  struct Sample {
    std::string name;               // the class
    std::vector<std::size_t> rows;  // spread evenly over its images
  };
  std::vector<Sample> samples;  // by label, or by prediction where no image has a label
};

// Images are shown of at most so many classes.
inline constexpr std::size_t kMostSampledClasses = 30;
// At most six of the rows of a class, in their order and evenly apart.
std::vector<std::size_t> sample_evenly(const std::vector<std::size_t>& rows);

// Up to 48 errors, and samples of the classes.
Gallery choose_gallery(const Report& report);

}  // namespace steelsight
