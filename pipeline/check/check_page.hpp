#pragma once
// check.html: what `check` found, with the images side by side.
#include <map>
#include <string>

#include "datasets/dataset.hpp"
#include "pipeline/check/check_result.hpp"

namespace steelsight {

// JPEGs by the name of the image, of those that the page shows.
using NamedThumbnails = std::map<std::string, std::string>;
NamedThumbnails read_thumbnails(const CheckResult& result, const Dataset& dataset);

// Of a long list, the first ones are shown.
std::string check_page(const CheckResult& result, const NamedThumbnails& thumbnails);

}  // namespace steelsight
