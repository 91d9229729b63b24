// What scikit-learn makes of the same rows: data/explore.json, written by
// scripts/reference/export_explore.py.
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "pipeline/unsupervised/affinities.hpp"
#include "pipeline/unsupervised/clustering_scores.hpp"
#include "pipeline/unsupervised/kmeans.hpp"
#include "pipeline/unsupervised/pca.hpp"
#include "pipeline/unsupervised/tsne.hpp"

namespace steelsight::explore_golden_test {
namespace {

class ExploreGolden : public testing::Test {
 protected:
  ExploreGolden() {
    const fs::path file = STEELSIGHT_SOURCE_DIR "/tests/pipeline/explore/data/explore.json";
    expected_ = parse_json(read_file(file), file.string());
    const Json& values = expected_.at("rows");
    rows_.create(static_cast<int>(values.size()), static_cast<int>(values[0].size()), CV_32F);
    for (int i = 0; i < rows_.rows; ++i)
      for (int d = 0; d < rows_.cols; ++d)
        rows_.at<float>(i, d) = values[static_cast<std::size_t>(i)][static_cast<std::size_t>(d)];
  }

  std::vector<std::size_t> clusters() const { return expected_.at("clusters"); }

  static void expect_variances(const Pca& pca, const Json& expected) {
    ASSERT_EQ(pca.variance.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(pca.variance[i], expected[i], 1e-4 * expected[i].get<double>()) << i;
  }

  Json expected_;
  cv::Mat rows_;
};

TEST_F(ExploreGolden, PcaExplainsTheSameVariance) {
  expect_variances(fit_pca(rows_), expected_.at("variance"));
  expect_variances(fit_pca(standardized(rows_)), expected_.at("standardized_variance"));
}

TEST_F(ExploreGolden, KMeansIsNoWorse) {
  for (const auto& [clusters, inertia] : expected_.at("inertia").items())
    for (const std::uint64_t seed : {1u, 2u, 3u})
      EXPECT_LE(kmeans(rows_, {.clusters = std::stoul(clusters), .seed = seed}).inertia,
                inertia.get<double>() * (1 + 1e-6))
          << clusters << " clusters, seed " << seed;
}

TEST_F(ExploreGolden, SilhouettesAgree) {
  const std::vector<double> found = silhouettes(RowDistances(rows_), clusters(), 2);
  const Json& expected = expected_.at("silhouettes");
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
}

TEST_F(ExploreGolden, ScoresAgainstLabelsAgree) {
  std::vector<std::optional<std::size_t>> labels;
  for (const std::size_t label : expected_.at("labels")) labels.push_back(label);
  const Contingency table = contingency(clusters(), labels);
  const Json& scores = expected_.at("scores");
  EXPECT_NEAR(purity(table), scores.at("purity"), 1e-12);
  EXPECT_NEAR(adjusted_rand_index(table), scores.at("adjusted_rand_index"), 1e-12);
  EXPECT_NEAR(best_match(table).accuracy, scores.at("match_accuracy"), 1e-12);
}

TEST_F(ExploreGolden, BestMatchesAgreeWithSciPy) {
  ASSERT_EQ(expected_.at("matches").size(), 10u);
  for (const Json& match : expected_.at("matches")) {
    const Contingency table = match.at("table");
    EXPECT_NEAR(best_match(table).accuracy, match.at("accuracy"), 1e-12) << match.at("table");
  }
}

TEST_F(ExploreGolden, AffinitiesAgree) {
  const auto all = static_cast<std::size_t>(rows_.rows - 1);
  const Affinities found = affinities(nearest_neighbours(RowDistances(rows_), {.count = all}),
                                      expected_.at("perplexity"));
  const Json& expected = expected_.at("affinities_of_row_0");
  ASSERT_EQ(found.first[1], all);
  for (std::size_t k = 0; k < all; ++k)
    EXPECT_NEAR(found.value[k], expected[found.other[k]], 1e-6) << found.other[k];
}

// The map is another one, but as good.
TEST_F(ExploreGolden, TsneIsAsGood) {
  const double perplexity = expected_.at("perplexity");
  for (const bool barnes_hut : {false, true}) {
    const Tsne map = tsne(rows_, {.perplexity = perplexity, .barnes_hut = barnes_hut});
    const double expected =
        expected_.at("kl_divergence").at(barnes_hut ? "barnes_hut" : "exact").get<double>();
    EXPECT_NEAR(map.kl_divergence, expected, 0.05 * expected) << barnes_hut;
  }
}

}  // namespace
}  // namespace steelsight::explore_golden_test
