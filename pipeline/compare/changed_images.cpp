#include "pipeline/compare/changed_images.hpp"

#include <algorithm>
#include <utility>

#include "pipeline/report/report_images.hpp"

namespace steelsight {

Thumbnails read_thumbnails(const Comparison& comparison, const std::stop_token& stop) {
  Thumbnails thumbnails;
  for (const auto* list : {&comparison.fixed, &comparison.broken, &comparison.changed})
    for (std::size_t i = 0; i < std::min(list->size(), kMostChangedShown); ++i)
      if (auto jpeg = read_thumbnail((*list)[i].path, stop))
        thumbnails[(*list)[i].path] = *std::move(jpeg);
  return thumbnails;
}

}  // namespace steelsight
