#pragma once
// The images that `explore` shows.
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/explore/exploration.hpp"
#include "pipeline/figures/drawing.hpp"

namespace steelsight {

struct SampleRow {
  std::string name;               // a class, or a cluster where there are no labels
  std::vector<std::size_t> rows;  // rows of the data; up to 6, spread evenly over its images
};
// Samples of up to 30 classes.
std::vector<SampleRow> choose_samples(const ExploredData& data, const Exploration& exploration);

// The bytes of JPEG files by row of the data: large ones of samples and suspects, small ones of the
// others in their order, as far as a few megabytes allow. What can't be read has none.
struct ExplorationPictures {
  std::map<std::size_t, std::string> thumbnails;
  std::map<std::size_t, std::string>
      prepared;  // as the network sees them: the first of each sample
};
ExplorationPictures read_pictures(const ExploredData& data, const Exploration& exploration,
                                  const std::stop_token& stop = {});

// A JPEG that the program made, for a figure.
Picture picture_of_jpeg(const std::string& bytes);

// So many suspects are shown.
inline constexpr std::size_t kMostSuspectsShown = 48;

}  // namespace steelsight
