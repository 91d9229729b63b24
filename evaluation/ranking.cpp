#include "evaluation/ranking.hpp"

#include <algorithm>

namespace steelsight {

std::vector<RankPoint> rank(std::vector<RankedImage> images) {
  std::ranges::sort(images, std::ranges::greater{}, &RankedImage::score);
  std::vector<RankPoint> points;
  for (const RankedImage& image : images) {
    if (points.empty() || points.back().threshold != image.score) {
      const RankPoint before = points.empty() ? RankPoint{} : points.back();
      points.push_back({image.score, before.positives, before.negatives});
    }
    ++(image.is_positive ? points.back().positives : points.back().negatives);
  }
  return points;
}

std::optional<double> roc_area(const std::vector<RankPoint>& points) {
  if (points.empty() || points.back().positives == 0 || points.back().negatives == 0)
    return std::nullopt;
  // In pairs of images, so that whole numbers are summed up.
  double won = 0;
  RankPoint before;
  for (const RankPoint& point : points) {
    won += static_cast<double>(point.negatives - before.negatives) *
           static_cast<double>(point.positives + before.positives) / 2;
    before = point;
  }
  return won / (static_cast<double>(before.positives) * static_cast<double>(before.negatives));
}

std::optional<double> average_precision(const std::vector<RankPoint>& points) {
  if (points.empty() || points.back().positives == 0) return std::nullopt;
  double sum = 0;
  std::size_t before = 0;
  for (const RankPoint& point : points) {
    const auto accepted = static_cast<double>(point.positives + point.negatives);
    sum += static_cast<double>(point.positives - before) * static_cast<double>(point.positives) /
           accepted;
    before = point.positives;
  }
  return sum / static_cast<double>(before);
}

}  // namespace steelsight
