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
    std::string name;               // of the class
    std::vector<std::size_t> rows;  // spread evenly over its images
  };
  std::vector<Sample> samples;  // by label, or by prediction where no image has a label
};

// Up to 48 errors, and up to 6 images each of up to 30 classes.
Gallery choose_gallery(const Report& report);

}  // namespace steelsight
