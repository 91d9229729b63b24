#include "pipeline/explore/exploration.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "core/parallel.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostTried = 10;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

class Exploring {
 public:
  Exploring(const ExploredData& data, const ExplorationOptions& options, Console& console)
      : data_(data), console_(console) {
    result_.options = options;
    used_.threads = thread_count(options.threads);
    if (used_.scaling == "auto") used_.scaling = data.is_table ? "standard" : "none";
  }

  Exploration run() {
    find_components();
    const RowDistances distances(points_);
    find_clusters(distances);
    if (data_.has_labels()) compare_with_labels(distances);
    if (used_.tsne != "none") draw_map();
    return std::move(result_);
  }

 private:
  void throw_if_stopped() const { console_.throw_if_stopped("the rows were explored"); }

  void find_components() {
    const cv::Mat standard = standardized(data_.rows);
    result_.raw = fit_pca(data_.rows);
    throw_if_stopped();
    result_.standard = fit_pca(standard);
    throw_if_stopped();
    const bool is_standard = used_.scaling == "standard";
    const cv::Mat& rows = is_standard ? standard : data_.rows;
    const Pca& pca = is_standard ? result_.standard : result_.raw;
    const std::size_t most = pca.variance.size();
    points_ = used_.components == 0 ? rows : project(pca, rows, used_.components);
    used_.components = used_.components == 0 ? 0 : std::min(used_.components, most);
    const cv::Mat plane = project(pca, rows, 2);
    for (int i = 0; i < plane.rows; ++i)
      result_.principal.push_back(
          {static_cast<double>(plane.at<float>(i, 0)),
           plane.cols > 1 ? static_cast<double>(plane.at<float>(i, 1)) : 0});
  }

  KMeans cluster(std::size_t count) const {
    return kmeans(points_, {.clusters = count,
                            .attempts = used_.attempts,
                            .seed = used_.seed,
                            .progress = [this](std::size_t) { throw_if_stopped(); }});
  }

  void find_clusters(const RowDistances& distances) {
    const std::size_t rows = data_.size();
    if (used_.clusters > rows)
      throw ConfigError("/explore/clusters is " + std::to_string(used_.clusters) +
                        ", expected at most the " + std::to_string(rows) + " rows");
    if (used_.clusters == 0 && data_.has_labels() && data_.class_names.size() > 1)
      used_.clusters = std::min(data_.class_names.size(), rows);
    std::vector<KMeans> candidates;
    if (used_.clusters > 0)
      candidates.push_back(cluster(used_.clusters));
    else
      for (std::size_t k = 2; k <= std::min(kMostTried, rows - 1); ++k)
        candidates.push_back(cluster(k));
    choose(std::move(candidates), distances);
  }

  // The best silhouette; of equal ones the fewest clusters.
  void choose(std::vector<KMeans> candidates, const RowDistances& distances) {
    std::vector<std::vector<double>> found = silhouettes_of(candidates, distances);
    std::size_t best = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (used_.clusters == 0) result_.tried.push_back({i + 2, mean(found[i])});
      if (mean(found[i]) > mean(found[best])) best = i;
    }
    if (used_.clusters == 0) used_.clusters = best + 2;
    result_.clusters = std::move(candidates[best]);
    result_.silhouettes = std::move(found[best]);
    result_.silhouette = mean(result_.silhouettes);
  }

  std::vector<std::vector<double>> silhouettes_of(const std::vector<KMeans>& candidates,
                                                  const RowDistances& distances) {
    if (std::ranges::max(candidates.front().cluster) == 0)
      return {std::vector<double>(data_.size(), 0.0)};
    std::vector<std::span<const std::size_t>> clusterings;
    for (const KMeans& candidate : candidates) clusterings.emplace_back(candidate.cluster);
    console_.start("comparing clusters", data_.size(), "rows");
    auto found = silhouettes_of_each(distances, clusterings,
                                     {.threads = used_.threads, .progress = progress()});
    console_.finish();
    return found;
  }

  void compare_with_labels(const RowDistances& distances) {
    LabelScores& scores = result_.scores.emplace();
    scores.table = contingency(result_.clusters.cluster, data_.labels);
    scores.purity = purity(scores.table);
    scores.adjusted_rand_index = adjusted_rand_index(scores.table);
    scores.match = best_match(scores.table);
    console_.start("looking for neighbours", data_.size(), "rows");
    const auto neighbours = nearest_neighbours(
        distances, {.count = used_.neighbours, .threads = used_.threads, .progress = progress()});
    console_.finish();
    result_.suspects = find_suspects(neighbours, data_.labels);
  }

  void draw_map() {
    const double rows = static_cast<double>(data_.size());
    used_.perplexity = std::clamp(used_.perplexity, 1.0, std::max((rows - 1) / 3, 1.0));
    console_.start("t-SNE", used_.iterations, "iterations");
    result_.map = tsne(points_, {.perplexity = used_.perplexity,
                                 .barnes_hut = used_.tsne == "barnes_hut",
                                 .theta = used_.theta,
                                 .early_exaggeration = used_.early_exaggeration,
                                 .exaggerated_iterations = used_.iterations / 4,
                                 .iterations = used_.iterations,
                                 .start_random = used_.tsne_start == "random",
                                 .seed = used_.seed,
                                 .threads = used_.threads,
                                 .progress = progress()});
    console_.finish();
  }

  std::function<void(std::size_t)> progress() {
    return [this](std::size_t done) {
      throw_if_stopped();
      console_.update(done);
    };
  }

  const ExploredData& data_;
  Console& console_;
  Exploration result_;
  ExplorationOptions& used_ = result_.options;
  cv::Mat points_;  // what clusters, map and neighbours see
};

}  // namespace

Exploration explore_rows(const ExploredData& data, const ExplorationOptions& options,
                         Console& console) {
  return Exploring(data, options, console).run();
}

std::vector<Suspect> find_suspects(const std::vector<std::vector<Neighbour>>& neighbours,
                                   const std::vector<std::optional<std::size_t>>& labels) {
  std::vector<Suspect> suspects;
  for (std::size_t row = 0; row < neighbours.size(); ++row) {
    if (!labels[row]) continue;
    std::map<std::size_t, std::size_t> votes;
    Suspect suspect{.row = row};
    for (const Neighbour& neighbour : neighbours[row])
      if (labels[neighbour.row]) {
        ++votes[*labels[neighbour.row]];
        ++suspect.neighbours;
      }
    suspect.agreeing = votes[*labels[row]];
    const auto most =
        std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    suspect.suggested = most->first;
    suspect.suggesting = most->second;
    if (suspect.suggested != *labels[row] && 2 * suspect.suggesting > suspect.neighbours)
      suspects.push_back(suspect);
  }
  std::ranges::stable_sort(suspects, {}, [](const Suspect& s) {
    return std::tuple(s.agreeing, s.neighbours - s.suggesting);
  });
  return suspects;
}

}  // namespace steelsight
