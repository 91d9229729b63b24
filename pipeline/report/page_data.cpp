#include "pipeline/report/page_data.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/report/base64.hpp"
#include "pipeline/report/page.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostProbable = 3;

// As predictions.csv has it: 0.8, not the float's 0.800000011920929.
Json number_json(float value) {
  return *parse_number<double>(number_text(value));
}

Json most_probable(const std::vector<float>& probabilities) {
  std::vector<std::size_t> classes(probabilities.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  const auto shown =
      classes.begin() + static_cast<std::ptrdiff_t>(std::min(kMostProbable, classes.size()));
  std::ranges::partial_sort(classes, shown, std::ranges::greater{},
                            [&](std::size_t k) { return probabilities[k]; });
  Json list = Json::array();
  for (auto k = classes.begin(); k != shown; ++k)
    list.push_back({*k, rounded_to_digits(static_cast<double>(probabilities[*k]), 4)});
  return list;
}

// Classes and other labels by their positions.
class Names {
 public:
  explicit Names(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }
  int add(const std::string& name) {
    const auto [found, is_new] = positions_.try_emplace(name, static_cast<int>(names_.size()));
    if (is_new) names_.push_back(to_utf8(name));
    return found->second;
  }
  const Json& json() const { return names_; }

 private:
  std::map<std::string, int> positions_;
  Json names_ = Json::array();
};

void add_rows(Json& data, const Predictions& predictions, Names& names) {
  for (const char* column : {"path", "truth", "predicted", "confidence", "top"})
    data[column] = Json::array();
  data["error"] = Json::object();
  data["unknown"] = -1;
  for (std::size_t i = 0; i < predictions.rows.size(); ++i) {
    const Prediction& row = predictions.rows[i];
    const bool predicted = row.error.empty();
    data["path"].push_back(to_utf8(row.path));
    data["truth"].push_back(row.label.empty() ? -1 : names.add(row.label));
    data["predicted"].push_back(predicted ? names.add(row.prediction) : -1);
    data["confidence"].push_back(predicted ? number_json(row.confidence) : Json());
    data["top"].push_back(most_probable(row.probabilities));
    if (!predicted) data["error"][std::to_string(i)] = to_utf8(row.error);
    if (is_unknown(row, predictions.class_names)) data["unknown"] = names.add(kUnknown);
  }
}

void add_seen(Json& data, const std::vector<Seen>& seen) {
  if (seen.empty()) return;
  for (const Seen kind : {Seen::unseen, Seen::trained, Seen::validated})
    data["seenNames"].push_back(seen_name(kind));
  for (const Seen kind : seen) data["seen"].push_back(static_cast<int>(kind));
}

void add_thumbnails(Json& data, const ReportImages& images, const Gallery& gallery) {
  std::set<std::size_t> shown(gallery.errors.begin(), gallery.errors.end());
  for (const Gallery::Sample& sample : gallery.samples)
    shown.insert(sample.rows.begin(), sample.rows.end());
  data["thumbnail"] = Json::object();
  for (const auto& [row, jpeg] : images.thumbnails)
    if (!shown.contains(row)) data["thumbnail"][std::to_string(row)] = base64(jpeg);
}

}  // namespace

std::string page_data(const Report& report, const ReportImages& images, const Gallery& gallery) {
  Json data = Json::object();
  Names names(report.metrics ? report.metrics->classes : report.predictions.class_names);
  add_rows(data, report.predictions, names);
  data["names"] = names.json();
  add_seen(data, report.seen_rows);
  add_thumbnails(data, images, gallery);
  return script_json(data);
}

}  // namespace steelsight
