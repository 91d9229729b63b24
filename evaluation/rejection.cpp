#include "evaluation/rejection.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace steelsight {
std::vector<Acceptance> acceptances(std::span<const Judged> images) {
  std::vector<Judged> sorted(images.begin(), images.end());
  std::ranges::sort(sorted, std::ranges::greater{}, &Judged::confidence);
  std::vector<Acceptance> all;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    wrong += !sorted[i].correct;
    const bool last = i + 1 == sorted.size();
    if (last || sorted[i + 1].confidence != sorted[i].confidence)
      all.push_back({last ? 0 : sorted[i].confidence, sorted.size(), i + 1, wrong});
  }
  return all;
}

std::optional<Acceptance> accept_up_to_error(std::span<const Judged> images, double max_error) {
  if (!(max_error >= 0 && max_error <= 1))
    throw std::invalid_argument("accept_up_to_error: rate " + std::to_string(max_error) +
                                ", expected 0 to 1");
  std::optional<Acceptance> lowest;
  for (const Acceptance& acceptance : acceptances(images))
    if (acceptance.error() <= max_error) lowest = acceptance;
  return lowest;
}

std::optional<Acceptance> least_error(std::span<const Judged> images) {
  std::optional<Acceptance> least;
  for (const Acceptance& acceptance : acceptances(images))
    if (!least || acceptance.error() <= least->error()) least = acceptance;
  return least;
}

}  // namespace steelsight
