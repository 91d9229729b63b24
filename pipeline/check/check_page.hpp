#pragma once
// check.html: what `check` found, with the images side by side.
#include <map>
#include <stop_token>
#include <string>

#include "datasets/dataset.hpp"
#include "pipeline/check/check_result.hpp"

namespace steelsight {

// JPEGs of the images that the page shows, by the image's name.
using NamedThumbnails = std::map<std::string, std::string>;
NamedThumbnails read_thumbnails(const CheckResult& result, const Dataset& dataset,
                                const std::stop_token& stop);

// Shows only the first entries of a long list.
std::string check_page(const CheckResult& result, const NamedThumbnails& thumbnails);

}  // namespace steelsight
