#include "pipeline/report/gallery.hpp"

#include <algorithm>
#include <map>

#include "pipeline/report/report.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostErrors = 48;

}  // namespace

std::vector<std::size_t> sample_evenly(const std::vector<std::size_t>& rows) {
  constexpr std::size_t kSampleSize = 6;
  if (rows.size() <= kSampleSize) return rows;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < kSampleSize; ++i)
    chosen.push_back(rows[(2 * i + 1) * rows.size() / (2 * kSampleSize)]);
  return chosen;
}

Gallery choose_gallery(const Report& report) {
  Gallery gallery;
  for (const WrongImage& image : report.wrong)
    if (gallery.errors.size() < kMostErrors) gallery.errors.push_back(image.row);

  std::map<std::string, std::vector<std::size_t>> rows_of;
  const std::vector<Prediction>& rows = report.predictions.rows;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].error.empty())
      rows_of[report.metrics ? rows[i].label : rows[i].prediction].push_back(i);
  const std::vector<std::string>& classes =
      report.metrics ? report.metrics->classes : report.predictions.class_names;
  for (const std::string& name : classes)
    if (const auto found = rows_of.find(name);
        found != rows_of.end() && gallery.samples.size() < kMostSampledClasses)
      gallery.samples.push_back({name, sample_evenly(found->second)});
  return gallery;
}

}  // namespace steelsight
