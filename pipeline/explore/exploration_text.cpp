#include "pipeline/explore/exploration_text.hpp"

#include "evaluation/number_text.hpp"

namespace steelsight {

std::string pca_sentence(const Pca& pca) {
  return number_text(pca.components_for(0.9)) + " of " + number_text(pca.variance.size()) +
         " components explain 90 % of the variance, " + number_text(pca.components_for(0.95)) +
         " explain 95 %";
}

std::string clusters_sentence(const Exploration& found) {
  std::string text = number_text(found.options.clusters) + " clusters";
  if (!found.tried.empty())
    text += " (the best silhouette of " + number_text(found.tried.front().clusters) + " to " +
            number_text(found.tried.back().clusters) + ")";
  text += ": silhouette " + fixed_text(found.silhouette, 3);
  if (found.scores)
    text += "; against the labels: best-match accuracy " +
            percent_text(found.scores->match.accuracy) + ", purity " +
            percent_text(found.scores->purity) + ", adjusted Rand index " +
            fixed_text(found.scores->adjusted_rand_index, 3);
  return text;
}

std::string map_sentence(const Exploration& found) {
  return std::string("t-SNE, ") + (found.options.tsne == "exact" ? "exact" : "Barnes-Hut") +
         ", perplexity " + fixed_text(found.options.perplexity, 0) + ": KL divergence " +
         fixed_text(found.map->kl_divergence, 3);
}

std::vector<std::string> exploration_lines(const ExploredData& data, const Exploration& found) {
  std::vector<std::string> lines{number_text(data.size()) +
                                 (data.is_table ? " rows, " : " images, ") + data.source};
  if (!data.left_out.empty())
    lines.push_back("left out " + number_text(data.left_out.size()) +
                    "; the first: " + data.left_out[0].second);
  lines.push_back("as they are: " + pca_sentence(found.raw));
  lines.push_back("standardized: " + pca_sentence(found.standard));
  lines.push_back(clusters_sentence(found));
  if (found.map) lines.push_back(map_sentence(found));
  if (data.has_labels())
    lines.push_back(
        "neighbours disagree with the label of " + number_text(found.suspects.size()) +
        (found.suspects.empty() ? "" : ", such as " + data.names[found.suspects[0].row]));
  return lines;
}

}  // namespace steelsight
