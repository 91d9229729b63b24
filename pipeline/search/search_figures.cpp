#include "pipeline/search/search_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "evaluation/number_text.hpp"
#include "pipeline/figures/accuracy_chart.hpp"
#include "pipeline/figures/drawing.hpp"
#include "pipeline/figures/heat_map.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kRanges = 5;  // ranges of a key that is drawn from a range

std::string shown_name(const VariedKey& key) {
  return key.pointer.substr(1);
}

// Where a value is on an axis of its key: its place in a list, or itself on the range's scale.
class Axis {
 public:
  explicit Axis(const VariedKey& key) : key_(key), values_(key.values) {
    is_number_ = std::ranges::all_of(values_, [](const Json& value) { return value.is_number(); });
    if (is_number_) std::ranges::sort(values_);
    if (!key.is_range()) return;
    for (std::size_t i = 0; i <= kRanges; ++i) {
      const double share = static_cast<double>(i) / kRanges;
      edges_.push_back(from_scale(scaled(key.low) + share * (scaled(key.high) - scaled(key.low))));
    }
  }

  const VariedKey& key() const { return key_; }

  // In a list, a place from 0; in a range, a number on its scale.
  double position(const Json& value) const {
    if (key_.is_range()) return scaled(value.get<double>());
    return static_cast<double>(std::ranges::find(values_, value) - values_.begin());
  }
  // The row or column of a map.
  std::size_t cell(const Json& value) const {
    if (!key_.is_range()) return static_cast<std::size_t>(position(value));
    const auto above = std::ranges::upper_bound(edges_, value.get<double>());
    return std::clamp<std::size_t>(static_cast<std::size_t>(above - edges_.begin()), 1, kRanges) -
           1;
  }

  std::size_t cells() const { return key_.is_range() ? kRanges : values_.size(); }
  // The texts of the values, or of the ranges' edges.
  std::vector<std::string> labels() const {
    return key_.is_range() ? setting_texts(rounded_edges()) : value_labels();
  }
  std::vector<AccuracyChart::Tick> ticks() const {
    const std::vector<double> edges = rounded_edges();
    std::vector<AccuracyChart::Tick> ticks;
    for (const std::string& label : labels()) {
      const std::size_t i = ticks.size();
      ticks.push_back({key_.is_range() ? scaled(edges[i]) : static_cast<double>(i), label});
    }
    return ticks;
  }

 private:
  bool is_logarithmic() const { return key_.kind == VariedKey::Kind::log_uniform; }
  double scaled(double value) const { return is_logarithmic() ? std::log10(value) : value; }
  double from_scale(double value) const { return is_logarithmic() ? std::pow(10, value) : value; }

  std::vector<double> rounded_edges() const {
    std::vector<double> rounded;
    for (const double edge : edges_) rounded.push_back(rounded_to_digits(edge, 2));
    return rounded;
  }
  std::vector<std::string> value_labels() const {
    std::vector<std::string> labels;
    if (!is_number_) {
      for (const Json& value : values_) labels.push_back(setting_text(value));
      return labels;
    }
    std::vector<double> numbers;
    for (const Json& value : values_) numbers.push_back(value.get<double>());
    return setting_texts(numbers);
  }

  const VariedKey& key_;
  std::vector<Json> values_;  // the values of a list; numbers rise
  bool is_number_ = false;
  std::vector<double> edges_;  // the ranges' edges, unrounded
};

const Json& value_of(const SearchFigures& figures, const TrialSummary& trial, std::size_t key) {
  return figures.settings.at(trial.trial - 1).at(key);
}

std::string folds_text(const SearchFigures& figures, bool has_deviation) {
  const std::size_t folds = figures.best.folds;
  if (folds == 1) return "one run each";
  return (has_deviation ? "mean ± deviation over " : "mean over ") + std::to_string(folds) +
         " folds";
}

std::string best_text(const SearchFigures& figures) {
  return "best of " + std::to_string(figures.trials.size()) + " trials by validation";
}

std::optional<double> deviation_of(const Spread& spread) {
  if (std::isnan(spread.deviation)) return std::nullopt;
  return spread.deviation;
}

using Cells = std::vector<std::vector<std::optional<HeatMapCell>>>;

// The mean of the trials in each cell. The deviation over folds is of one trial, so it is given
// where there is just one.
Cells make_cells(const SearchFigures& figures, const Axis& x, const Axis& y,
                 const std::array<std::size_t, 2>& keys, const TrialPart& part) {
  const std::size_t columns = x.cells(), rows = y.cells();
  Cells cells(rows, std::vector<std::optional<HeatMapCell>>(columns));
  std::vector<std::vector<double>> counts(rows, std::vector<double>(columns, 0));
  for (const TrialSummary& trial : figures.trials) {
    const std::optional<Spread>& spread = trial.*part.spread;
    if (!spread) continue;
    const std::size_t column = x.cell(value_of(figures, trial, keys[0]));
    const std::size_t row = y.cell(value_of(figures, trial, keys[1]));
    std::optional<HeatMapCell>& cell = cells[row][column];
    const double n = ++counts[row][column];
    if (!cell) {
      cell = HeatMapCell{.mean = spread->mean, .deviation = deviation_of(*spread)};
    } else {
      cell->mean += (spread->mean - cell->mean) / n;
      cell->deviation.reset();
    }
  }
  return cells;
}

// Round numbers around all cells, so that the three maps can be compared.
std::pair<double, double> range_of(const std::array<Cells, kTrialParts.size()>& maps) {
  double low = 1, high = 0;
  for (const Cells& cells : maps)
    for (const auto& row : cells)
      for (const std::optional<HeatMapCell>& cell : row)
        if (cell) {
          low = std::min(low, cell->mean);
          high = std::max(high, cell->mean);
        }
  constexpr double kSmallestRange = 0.01;
  low = std::max(0.0, std::min(low, high - kSmallestRange));
  const std::vector<double> ticks = nice_ticks(low, std::max(high, low + kSmallestRange), 5);
  return {ticks.front(), ticks.back()};
}

void draw_maps(const fs::path& folder, const SearchFigures& figures,
               const std::array<std::size_t, 2>& keys) {
  const Axis x(figures.grid.keys[keys[0]]), y(figures.grid.keys[keys[1]]);
  std::array<Cells, kTrialParts.size()> cells;
  for (std::size_t i = 0; i < kTrialParts.size(); ++i)
    cells[i] = make_cells(figures, x, y, keys, kTrialParts[i]);
  const auto [low, high] = range_of(cells);
  const bool has_others = figures.grid.keys.size() > 2;
  for (std::size_t i = 0; i < kTrialParts.size(); ++i) {
    const HeatMap map{
        .title = kTrialParts[i].title,
        .subtitle = "in %, " + folds_text(figures, !has_others) +
                    (has_others ? " and the other keys" : "") + "; framed: the " +
                    best_text(figures),
        .x_name = shown_name(x.key()),
        .y_name = shown_name(y.key()),
        .x_labels = x.labels(),
        .y_labels = y.labels(),
        .cells = cells[i],
        .chosen = HeatMap::Position{.x = x.cell(value_of(figures, figures.best, keys[0])),
                                    .y = y.cell(value_of(figures, figures.best, keys[1]))},
        .low = low,
        .high = high};
    std::string name = std::string("heatmap_") + kTrialParts[i].name;
    if (has_others) name += "_" + shown_name(x.key()) + "_" + shown_name(y.key());
    std::ranges::replace(name, '/', '.');
    for (const char* extension : {".png", ".svg"}) draw_heat_map(folder / (name + extension), map);
  }
}

void draw_chart(const fs::path& folder, const SearchFigures& figures) {
  const Axis x(figures.grid.keys[0]);
  AccuracyChart chart{.title = "Accuracy",
                      .subtitle = folds_text(figures, true) + "; dashed: the " + best_text(figures),
                      .x_name = shown_name(x.key()),
                      .ticks = x.ticks(),
                      .series = {},
                      .is_connected = !x.key().is_range(),
                      .chosen = x.position(value_of(figures, figures.best, 0))};
  for (const TrialPart& part : kTrialParts) {
    AccuracySeries series{.name = part.name, .points = {}};
    for (const TrialSummary& trial : figures.trials)
      if (const std::optional<Spread>& spread = trial.*part.spread)
        series.points.push_back({.x = x.position(value_of(figures, trial, 0)),
                                 .mean = spread->mean,
                                 .deviation = deviation_of(*spread)});
    std::ranges::stable_sort(series.points, {}, &AccuracyPoint::x);
    chart.series.push_back(std::move(series));
  }
  for (const char* extension : {".png", ".svg"})
    draw_accuracy_chart(folder / (std::string("accuracy") + extension), chart);
}

}  // namespace

void draw_search_figures(const fs::path& folder, const SearchFigures& figures) {
  const std::size_t keys = figures.grid.keys.size();
  if (keys == 1) draw_chart(folder, figures);
  for (std::size_t a = 0; a < keys; ++a)
    for (std::size_t b = a + 1; b < keys; ++b) draw_maps(folder, figures, {a, b});
}

}  // namespace steelsight
