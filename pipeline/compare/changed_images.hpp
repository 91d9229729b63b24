#pragma once
// The pictures of a comparison.
#include <cstddef>
#include <map>
#include <string>

#include "evaluation/comparison.hpp"

namespace steelsight {

// JPEGs by path, of the images that the page shows.
using Thumbnails = std::map<std::string, std::string>;
Thumbnails read_thumbnails(const Comparison& comparison);

// Of each list of changed images, the page shows so many.
inline constexpr std::size_t kMostChangedShown = 48;

}  // namespace steelsight
