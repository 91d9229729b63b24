#pragma once
// What is wrong with a data set.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace steelsight {

// Images are named as in the data set (Sample::name), lists are in its order.
struct CheckResult {
  struct Unreadable {
    std::string image, reason;
  };
  struct Format {
    int width = 0, height = 0;  // pixels
    int channels = 1;           // 1: gray, 3: colour
    int bits = 8;               // a channel, 8 or 16
    std::size_t images = 0;
    std::string example;
  };
  struct NearDuplicates {
    std::vector<std::string> images;  // only the first of byte-identical ones
    float similarity = 0;             // each is at least so similar to another (fingerprint.hpp)
  };
  struct Member {
    std::string image;
    std::string label, part;  // empty: none
  };
  // All copies of one image, near-duplicates and byte-identical.
  struct Disagreement {
    std::vector<Member> images;
    bool byte_identical = false;  // two that disagree are the same file; false: look at them
  };
  // An image that stands out in its class (outliers.hpp, image_quality.hpp).
  struct Unusual {
    std::string image, what;  // "dark", "bright", "flat", "rich in contrast", "blurred", "noisy"
    double value = 0, median = 0;  // the image's value, and its class's median
  };
  // An image whose label differs from what a model takes it for.
  struct Doubted {
    std::string image, label, prediction;
    double confidence = 0;         // in the prediction
    double label_probability = 0;  // 0 for a class that the model does not have
  };
  struct NotLearnable {
    std::string class_name, reason;
  };
  struct ClassSize {
    std::string name;
    std::size_t images = 0;
  };

  std::string dataset;                // as in the configuration
  std::string layout;                 // to_string(Layout)
  std::vector<std::string> warnings;  // from open_dataset; 16-bit files of 12-bit samples
  std::size_t images = 0;
  std::vector<ClassSize> classes;
  std::vector<std::string> empty_classes;  // folders where an image would make a class
  std::size_t unreadable_folders = 0;      // named in the warnings
  std::size_t unlabelled = 0;

  std::vector<Unreadable> unreadable;  // they take part in nothing below
  std::vector<Format> formats;         // the most frequent first
  std::vector<std::string> single_colour;
  std::vector<std::vector<std::string>> identical;
  std::vector<NotLearnable> not_learnable;  // classes that no readable image can teach
  bool compared = true;                     // false: near-duplicates were not looked for
  std::vector<NearDuplicates> near_duplicates;
  std::vector<Disagreement> conflicts;          // copies with different labels
  std::vector<Unusual> unusual;                 // kind by kind, the most unusual first
  std::optional<std::vector<Doubted>> doubted;  // the most certain first; nothing: not asked
  bool has_parts = false;                       // false: there is nothing to leak from or to
  std::vector<Disagreement> leaks;              // copies in different parts
  std::vector<std::string> split_groups;        // groups of a list with images in different parts

  // The ratio of the largest class to the smallest that is not empty.
  double imbalance() const;
  // Unreadable images or folders, classes that can't be learned, conflicts, leaks or split groups:
  // to be mended before training.
  bool serious() const;
};

}  // namespace steelsight
