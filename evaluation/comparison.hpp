#pragma once
// Two predictions.csv of the same images side by side: what B gets right that A did not, and the
// other way round.
//
//   const Comparison c = compare({"old.csv", read_predictions("old.csv")},
//                                {"new.csv", read_predictions("new.csv")});
//   write_comparison("compared", c, read_thumbnails(c));      // pipeline/compare/
#include <cstddef>
#include <string>
#include <vector>

#include "evaluation/mcnemar.hpp"
#include "evaluation/metrics.hpp"
#include "evaluation/predictions.hpp"

namespace steelsight {

struct NamedPredictions {
  std::string name;  // of the file
  Predictions predictions;
};

// What one of the files says.
struct ComparedFile {
  std::string name;
  std::size_t n_images = 0;  // rows
  Accuracy own{};            // of all its scored images
  Metrics metrics{};         // of the images that are compared
};

struct ComparedClass {
  std::string name;
  std::size_t support = 0;  // compared images that are this class
  PrecisionRecall a{}, b{};
  std::size_t fixed = 0, broken = 0;  // of the support
};

struct ChangedImage {
  std::string path, truth, predicted_a, predicted_b;
  float confidence_a = 0, confidence_b = 0;
};

struct NotCompared {
  std::string path, reason;
};

// Images are paired by their path. Where a file has a path more than once, the first is paired with
// the first and so on. Only images that are scored (metrics.hpp) in both files and have the same
// label there are compared.
struct Comparison {
  ComparedFile a, b;
  std::size_t n = 0;  // compared images
  std::size_t both_right = 0;
  McNemarTest test{};
  std::vector<ComparedClass> classes;  // A's, then those that B alone has, then other labels

  // The images that B is most confident of come first, then in A's order.
  std::vector<ChangedImage> fixed;    // A is wrong, B is right
  std::vector<ChangedImage> broken;   // A is right, B is wrong
  std::vector<ChangedImage> changed;  // both are wrong, not in the same way

  std::vector<std::string> only_in_a, only_in_b;  // paths
  std::vector<NotCompared> not_compared;          // in both files

  std::size_t both_wrong() const { return n - both_right - test.discordant(); }
};

// Throws PredictionsError if there is no image to compare.
Comparison compare(const NamedPredictions& a, const NamedPredictions& b);

}  // namespace steelsight
