#include "pipeline/explore/explored_data.hpp"

#include <algorithm>

namespace steelsight {

bool ExploredData::has_labels() const {
  return std::ranges::any_of(labels, [](const auto& label) { return label.has_value(); });
}

}  // namespace steelsight
