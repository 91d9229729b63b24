#pragma once
// The images that `extend` teaches: which classes they bring, and which of them are learned from.
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"
#include "models/model_file.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/features/examples.hpp"
#include "pipeline/features/preparation.hpp"

namespace steelsight {

// The model's classes in their places, then the data set's new classes that have images. Warns of a
// new class whose name looks like another's (datasets/label_twins.hpp).
std::vector<std::string> extended_classes(const std::vector<std::string>& known,
                                          const Dataset& dataset, Console& console);

struct NewImages {
  LabelledExamples examples;                         // labels: places in the extended classes
  std::vector<std::optional<std::uint64_t>> hashes;  // content; none where it can't be read
};

struct DividedImages {
  NewImages train, validation;
};

struct DivisionOptions {
  double validation = 0.2;  // share of the images
  std::uint64_t seed = 0;
  std::size_t known_classes = 0;      // the first so many; all other classes need examples
  Preparation preparation;            // the images are read for it
  std::size_t threads = 1;            // threads that read images
  std::set<std::uint64_t> seen = {};  // images that the model knows: they never validate
};

// Images that can't be read are left out, with a warning. Throws DatasetError for a class with too
// few others, ConfigError for a share out of range.
DividedImages divide_images(const Dataset& dataset, const std::vector<std::string>& classes,
                            const DivisionOptions& options, Console& console);

}  // namespace steelsight
