#include "datasets/sentences.hpp"

#include <algorithm>

namespace steelsight {

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string listed(const std::vector<std::string>& items) {
  constexpr std::size_t kMost = 10;
  const std::size_t shown = std::min(items.size(), kMost);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == items.size();
    text += (i == 0 ? "" : is_last ? " and " : ", ") + items[i];
  }
  return items.size() > shown ? text + " and " + std::to_string(items.size() - shown) + " more"
                              : text;
}

std::string listed_in_quotes(std::vector<std::string> items) {
  for (std::string& item : items) item = "'" + item + "'";
  return listed(items);
}

}  // namespace steelsight
