#include "pipeline/explore/exploration_json.hpp"

#include "datasets/csv.hpp"
#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"

namespace steelsight {
namespace {

Json to_json(const Pca& pca) {
  return {{"variance", pca.variance}, {"total_variance", pca.total_variance}};
}

Json name_or_null(const ExploredData& data, const std::optional<std::size_t>& label) {
  return label ? Json(to_utf8(data.class_names[*label])) : Json();
}

Json to_json(const LabelScores& scores, const ExploredData& data) {
  Json match = Json::array();
  for (const auto& label : scores.match.class_of) match.push_back(name_or_null(data, label));
  return {{"purity", scores.purity},
          {"adjusted_rand_index", scores.adjusted_rand_index},
          {"match_accuracy", scores.match.accuracy},
          {"match", match},
          {"contingency", scores.table}};
}

Json kmeans_json(const ExploredData& data, const Exploration& found) {
  Json json{{"clusters", found.options.clusters},
            {"attempts", found.options.attempts},
            {"inertia", found.clusters.inertia},
            {"silhouette", found.silhouette}};
  for (const TriedClusters& tried : found.tried)
    json["tried"].push_back({{"clusters", tried.clusters}, {"silhouette", tried.silhouette}});
  if (found.scores) json["scores"] = to_json(*found.scores, data);
  return json;
}

Json suspects_json(const ExploredData& data, const Exploration& found) {
  Json list = Json::array();
  for (const Suspect& suspect : found.suspects)
    list.push_back({{"path", to_utf8(data.paths[suspect.row].string())},
                    {"label", name_or_null(data, data.labels[suspect.row])},
                    {"suggested", to_utf8(data.class_names[suspect.suggested])},
                    {"suggesting", suspect.suggesting},
                    {"agreeing", suspect.agreeing},
                    {"neighbours", suspect.neighbours}});
  return list;
}

}  // namespace

Json exploration_json(const ExploredData& data, const Exploration& found) {
  Json classes = Json::array(), left_out = Json::array();
  for (const std::string& name : data.class_names) classes.push_back(to_utf8(name));
  for (const auto& [name, reason] : data.left_out)
    left_out.push_back({{"name", to_utf8(name)}, {"reason", to_utf8(reason)}});
  Json json{{"source", to_utf8(data.source)},
            {"n", data.size()},
            {"columns", data.rows.cols},
            {"classes", classes},
            {"left_out", left_out},
            {"scaling", found.options.scaling},
            {"components", found.options.components == 0 ? static_cast<std::size_t>(data.rows.cols)
                                                         : found.options.components},
            {"pca", {{"raw", to_json(found.raw)}, {"standardized", to_json(found.standard)}}},
            {"kmeans", kmeans_json(data, found)}};
  if (found.map)
    json["tsne"] = {{"method", found.options.tsne},
                    {"perplexity", found.options.perplexity},
                    {"kl_divergence", found.map->kl_divergence}};
  json["suspects"] = suspects_json(data, found);
  return json;
}

std::string points_csv(const ExploredData& data, const Exploration& found) {
  std::vector<std::string> cells{"path", "label", "cluster", "silhouette", "pc1", "pc2"};
  if (found.map) cells.insert(cells.end(), {"tsne_x", "tsne_y"});
  std::string text = csv_row(cells);
  for (std::size_t i = 0; i < data.size(); ++i) {
    cells = {text_cell(data.paths[i].string()),
             data.labels[i] ? text_cell(data.class_names[*data.labels[i]]) : "",
             number_text(found.clusters.cluster[i]),
             number_text(found.silhouettes[i]),
             number_text(found.principal[i].x),
             number_text(found.principal[i].y)};
    if (found.map) {
      cells.push_back(number_text(found.map->points[i].x));
      cells.push_back(number_text(found.map->points[i].y));
    }
    text += csv_row(cells);
  }
  return text;
}

}  // namespace steelsight
