#include "pipeline/search/search_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/atomic_file.hpp"
#include "datasets/csv.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

// The parts that an accuracy is measured on, as columns and members.
struct PartColumn {
  const char* name;
  Accuracy SearchRun::*accuracy;
};
constexpr std::array<PartColumn, 3> kParts{{{"train", &SearchRun::train},
                                            {"validation", &SearchRun::validation},
                                            {"test", &SearchRun::test}}};

std::vector<std::string> header(const std::vector<std::string>& pointers) {
  std::vector<std::string> names{"trial", "fold"};
  names.insert(names.end(), pointers.begin(), pointers.end());
  for (const PartColumn& part : kParts) names.push_back(std::string(part.name) + "_accuracy");
  for (const PartColumn& part : kParts) names.push_back(std::string("n_") + part.name);
  for (const char* name : {"best_epoch", "seconds", "error"}) names.push_back(name);
  return names;
}

std::vector<std::string> cells_of(const SearchRun& run) {
  std::vector<std::string> cells{std::to_string(run.trial), std::to_string(run.fold)};
  cells.insert(cells.end(), run.values.begin(), run.values.end());
  for (const PartColumn& part : kParts) {
    const Accuracy& accuracy = run.*part.accuracy;
    cells.push_back(accuracy.n > 0 ? number_text(accuracy.value()) : "nan");
  }
  for (const PartColumn& part : kParts) cells.push_back(std::to_string((run.*part.accuracy).n));
  cells.push_back(std::to_string(run.best_epoch));
  cells.push_back(number_text(run.seconds));
  cells.push_back(run.error);
  return cells;
}

// Takes a row's cells one after the other.
class RowReader {
 public:
  RowReader(const CsvRow& row, const std::vector<std::string>& names, std::string where)
      : row_(row), names_(names), where_(std::move(where)) {}

  std::string text() { return row_.cells[at_++]; }
  template <class T>
  T number() {
    const std::optional<T> value = parse_number<T>(row_.cells[at_]);
    if (!value) fail("a number");
    ++at_;
    return *value;
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw SearchTableError(where_ + ": " + names_[at_] + " is '" + row_.cells[at_] +
                           "', expected " + expected);
  }

 private:
  const CsvRow& row_;
  const std::vector<std::string>& names_;
  const std::string where_;
  std::size_t at_ = 0;
};

SearchRun read_run(RowReader row, std::size_t keys) {
  SearchRun run;
  run.trial = row.number<std::size_t>();
  run.fold = row.number<std::int64_t>();
  for (std::size_t i = 0; i < keys; ++i) run.values.push_back(row.text());
  std::array<double, kParts.size()> shares{};
  for (double& share : shares) {
    RowReader here = row;
    share = row.number<double>();
    if (share < 0 || share > 1) here.fail("0 to 1, or nan");
  }
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    Accuracy& accuracy = run.*kParts[i].accuracy;
    RowReader here = row;
    accuracy.n = row.number<std::size_t>();
    if ((accuracy.n == 0) != std::isnan(shares[i])) here.fail("0 where the accuracy is nan");
    if (accuracy.n > 0)
      accuracy.correct =
          static_cast<std::size_t>(std::llround(shares[i] * static_cast<double>(accuracy.n)));
  }
  run.best_epoch = row.number<std::int64_t>();
  run.seconds = row.number<double>();
  run.error = row.text();
  return run;
}

std::optional<Spread> spread_of(const std::vector<const SearchRun*>& runs,
                                Accuracy SearchRun::*accuracy) {
  std::vector<double> shares;
  for (const SearchRun* run : runs)
    if ((run->*accuracy).n > 0) shares.push_back((run->*accuracy).value());
  if (shares.empty()) return std::nullopt;
  const auto n = static_cast<double>(shares.size());
  double sum = 0, squares = 0;
  for (const double share : shares) sum += share;
  for (const double share : shares) squares += (share - sum / n) * (share - sum / n);
  return Spread{.mean = sum / n,
                .deviation = shares.size() > 1 ? std::sqrt(squares / (n - 1))
                                               : std::numeric_limits<double>::quiet_NaN()};
}

TrialSummary summarize_trial(const std::vector<const SearchRun*>& runs) {
  TrialSummary summary{.trial = runs.front()->trial,
                       .values = runs.front()->values,
                       .train = spread_of(runs, &SearchRun::train),
                       .validation = spread_of(runs, &SearchRun::validation),
                       .test = spread_of(runs, &SearchRun::test)};
  for (const SearchRun* run : runs) {
    ++(run->error.empty() ? summary.folds : summary.failed);
    summary.seconds += run->seconds;
  }
  return summary;
}

}  // namespace

void write_search_table(const fs::path& file, const std::vector<std::string>& pointers,
                        const std::vector<SearchRun>& runs) {
  std::string text = csv_row(header(pointers));
  for (const SearchRun& run : runs) text += csv_row(cells_of(run));
  write_file(file, text);
}

std::vector<SearchRun> read_search_table(const fs::path& file,
                                         const std::vector<std::string>& pointers) {
  if (!fs::exists(file)) return {};
  CsvReader reader(file);
  CsvRow row;
  const std::vector<std::string> names = header(pointers);
  if (!reader.next(row) || row.cells != names)
    throw SearchTableError(file.string() + ":1: expected the columns " + csv_row(names));
  std::vector<SearchRun> runs;
  while (reader.next(row))
    runs.push_back(read_run({row, names, reader.where(row)}, pointers.size()));
  return runs;
}

std::vector<TrialSummary> summarize(const std::vector<SearchRun>& runs) {
  std::map<std::size_t, std::vector<const SearchRun*>> by_trial;
  for (const SearchRun& run : runs) by_trial[run.trial].push_back(&run);
  std::vector<TrialSummary> trials;
  for (const auto& [trial, of_trial] : by_trial) trials.push_back(summarize_trial(of_trial));
  return trials;
}

std::optional<std::size_t> best_trial(const std::vector<TrialSummary>& trials) {
  std::size_t most = 0;
  for (const TrialSummary& trial : trials) most = std::max(most, trial.folds);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const TrialSummary& trial = trials[i];
    if (trial.failed > 0 || trial.folds < most || !trial.validation) continue;
    if (!best || trial.validation->mean > trials[*best].validation->mean) best = i;
  }
  return best;
}

}  // namespace steelsight
