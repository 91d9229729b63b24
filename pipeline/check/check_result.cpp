#include "pipeline/check/check_result.hpp"

#include <algorithm>

namespace steelsight {

double CheckResult::imbalance() const {
  std::size_t smallest = 0, largest = 0;
  for (const ClassSize& size : classes) {
    if (size.images == 0) continue;
    smallest = smallest == 0 ? size.images : std::min(smallest, size.images);
    largest = std::max(largest, size.images);
  }
  return smallest == 0 ? 1 : static_cast<double>(largest) / static_cast<double>(smallest);
}

bool CheckResult::serious() const {
  return unreadable_folders > 0 || !(unreadable.empty() && not_learnable.empty() &&
                                     conflicts.empty() && leaks.empty() && split_groups.empty());
}

}  // namespace steelsight
