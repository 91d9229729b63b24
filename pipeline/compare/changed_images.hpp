#pragma once
// The pictures of a comparison.
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>

#include "evaluation/comparison.hpp"

namespace steelsight {

// JPEGs by path, of the images that the page shows.
using Thumbnails = std::map<std::string, std::string>;
Thumbnails read_thumbnails(const Comparison& comparison, const std::stop_token& stop = {});

// The page shows at most so many of each list of changed images.
inline constexpr std::size_t kMostChangedShown = 48;

}  // namespace steelsight
