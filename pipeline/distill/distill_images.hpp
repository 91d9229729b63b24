#pragma once
// The images that a distillation learns from, of one or several data sets, with labels where there
// are some; and those that are held out.
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/command/console.hpp"
#include "pipeline/distill/distill_config.hpp"
#include "pipeline/features/examples.hpp"

namespace steelsight {

// One value for each image in all four. Labels are positions in the class names, kIgnoredLabel for
// an image without one.
struct ImagePart {
  std::vector<std::string> names;  // unique: "neu-cls/Cr_7.bmp"
  std::vector<fs::path> paths;
  std::vector<int> labels;
  std::vector<std::uint64_t> hashes;  // of the content

  std::size_t size() const { return paths.size(); }
  // The images at these positions.
  ImagePart select(const std::vector<std::size_t>& positions) const;
  // Positions of the images that have a label.
  std::vector<std::size_t> labelled() const;
  LabelledExamples labelled_examples() const;
};

struct DistillImages {
  std::vector<std::string> class_names;  // several labelled sets: "neu-cls/Cr"
  ImagePart train, held_out;
};

// A data set of one class tells nothing apart: its images count as unlabelled. Groups and copies
// stay on one side, what a data set declares as its test part is left alone. Files that can't be
// read are left out, with a warning. Throws DatasetError if nothing is left to learn from,
// FileError, ConfigError.
DistillImages find_distill_images(const DistillConfig& config, Console& console);

// Classes of which no image to learn from is left become unlabelled.
void drop_empty_classes(DistillImages& images);

}  // namespace steelsight
