#include "pipeline/explore/exploration_page.hpp"

#include <algorithm>
#include <span>

#include "evaluation/number_text.hpp"
#include "pipeline/explore/exploration_text.hpp"
#include "pipeline/report/base64.hpp"
#include "pipeline/report/page.hpp"
#include "pipeline/report/page_files.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostComponentRows = 10;
constexpr int kMapDigits = 4;

using Thumbnails = std::map<std::size_t, std::string>;

void set_picture(PageContent& content, const char* name, const Thumbnails& pictures,
                 std::size_t row) {
  if (const auto found = pictures.find(row); found != pictures.end())
    content.set(name, jpeg_uri(found->second));
}

std::string file_name(const ExploredData& data, std::size_t row) {
  return data.is_table ? data.names[row] : data.paths[row].filename().string();
}

PageContent card(const ExplorationPage& page, std::size_t row) {
  PageContent content{"path", to_utf8(page.data.paths[row].string())};
  content.set("file", to_utf8(file_name(page.data, row)));
  set_picture(content, "image", page.pictures.thumbnails, row);
  return content;
}

PageContent samples(const ExplorationPage& page) {
  return list_of(choose_samples(page.data, page.exploration),
                 [&](const SampleRow& sample, std::size_t) {
                   PageContent content{"name", to_utf8(sample.name)};
                   content.set("cards", list_of(sample.rows, [&](std::size_t row, std::size_t) {
                                 return card(page, row);
                               }));
                   return content;
                 });
}

PageContent prepared(const ExplorationPage& page) {
  PageContent list{PageContent::type::list};
  for (const SampleRow& sample : choose_samples(page.data, page.exploration)) {
    const std::size_t row = sample.rows.front();
    if (!page.pictures.prepared.contains(row)) continue;
    PageContent content = card(page, row);
    content.set("name", to_utf8(sample.name));
    set_picture(content, "prepared", page.pictures.prepared, row);
    list.push_back(content);
  }
  return list;
}

PageContent suspects(const ExplorationPage& page) {
  const std::vector<Suspect>& all = page.exploration.suspects;
  const std::size_t shown = std::min(all.size(), kMostSuspectsShown);
  return list_of(std::span(all).first(shown), [&](const Suspect& suspect, std::size_t) {
    PageContent content = card(page, suspect.row);
    content.set("label", to_utf8(page.data.class_names[*page.data.labels[suspect.row]]));
    content.set("suggested", to_utf8(page.data.class_names[suspect.suggested]));
    content.set("votes", number_text(suspect.suggesting) + "/" + number_text(suspect.neighbours));
    return content;
  });
}

PageContent components(const Exploration& found) {
  const std::vector<double> raw = found.raw.explained_ratio();
  const std::vector<double> standard = found.standard.explained_ratio();
  double raw_sum = 0, standard_sum = 0;
  PageContent list{PageContent::type::list};
  for (std::size_t i = 0; i < std::min(raw.size(), kMostComponentRows); ++i) {
    PageContent row{"number", number_text(i + 1)};
    row.set("raw", percent_text(raw[i]));
    row.set("raw_sum", percent_text(raw_sum += raw[i]));
    row.set("standard", percent_text(standard[i]));
    row.set("standard_sum", percent_text(standard_sum += standard[i]));
    list.push_back(row);
  }
  return list;
}

PageContent cluster_rows(const ExplorationPage& page) {
  const Exploration& found = page.exploration;
  return list_of(found.scores->table, [&](const std::vector<std::size_t>& counts, std::size_t c) {
    PageContent row{"name", number_text(c)};
    std::size_t size = 0;
    for (const std::size_t count : counts) size += count;
    const auto& match = found.scores->match.class_of[c];
    row.set("match", match ? to_utf8(page.data.class_names[*match]) : std::string("none"));
    row.set("size", number_text(size));
    row.set("cells", list_of(counts, [&](std::size_t count, std::size_t k) {
              PageContent cell{"count", number_text(count)};
              const double share =
                  size == 0 ? 0 : static_cast<double>(count) / static_cast<double>(size);
              cell.set("share", fixed_text(share, 3));
              cell.set("kind", count == 0 ? "none"
                                          : std::string(match && *match == k ? "right" : "wrong") +
                                                (share > 0.5 ? " strong" : ""));
              return cell;
            }));
    return row;
  });
}

void set_clusters(PageContent& content, const ExplorationPage& page) {
  const Exploration& found = page.exploration;
  PageContent clusters{"text", clusters_sentence(found)};
  if (found.scores) {
    PageContent table{"names",
                      list_of(page.data.class_names, [](const std::string& name, std::size_t) {
                        return PageContent{"name", to_utf8(name)};
                      })};
    table.set("rows", cluster_rows(page));
    clusters.set("table", table);
  }
  clusters.set("has_tried", !found.tried.empty());
  clusters.set("tried", list_of(found.tried, [](const TriedClusters& tried, std::size_t) {
                 return named_value(number_text(tried.clusters), fixed_text(tried.silhouette, 3));
               }));
  content.set("clusters", clusters);
}

// What the script draws: a value a row.
Json map_data(const ExplorationPage& page) {
  const ExploredData& data = page.data;
  const Exploration& found = page.exploration;
  Json json{{"path", Json::array()}, {"label", Json::array()}, {"cluster", found.clusters.cluster}};
  json["clusters"] = found.options.clusters;
  json["classes"] = Json::array();
  for (const std::string& name : data.class_names) json["classes"].push_back(to_utf8(name));
  const auto add_map = [&](const std::string& name, const std::vector<MapPoint>& points) {
    Json map{{"name", name}, {"x", Json::array()}, {"y", Json::array()}};
    for (const MapPoint& point : points) {
      map["x"].push_back(rounded_to_digits(point.x, kMapDigits));
      map["y"].push_back(rounded_to_digits(point.y, kMapDigits));
    }
    json["maps"].push_back(std::move(map));
  };
  if (found.map) add_map("t-SNE", found.map->points);
  add_map("principal components", found.principal);
  for (std::size_t i = 0; i < data.size(); ++i) {
    json["path"].push_back(to_utf8(data.paths[i].string()));
    json["label"].push_back(data.labels[i] ? static_cast<int>(*data.labels[i]) : -1);
  }
  json["thumbnail"] = Json::object();
  for (const auto& [row, jpeg] : page.pictures.thumbnails)
    json["thumbnail"][std::to_string(row)] = base64(jpeg);
  return json;
}

PageContent facts(const ExplorationPage& page) {
  const ExplorationOptions& used = page.exploration.options;
  PageContent list{PageContent::type::list};
  list.push_back(named_value("what was looked at", page.data.source));
  list.push_back(named_value("scaling", used.scaling));
  list.push_back(named_value("seen by clusters, map and neighbours",
                             used.components == 0
                                 ? "all columns"
                                 : number_text(used.components) + " principal components"));
  list.push_back(named_value("seed", number_text(used.seed)));
  return list;
}

PageContent stats(const ExplorationPage& page) {
  const Exploration& found = page.exploration;
  PageContent list{PageContent::type::list};
  const auto add = [&](const std::string& name, const std::string& value) {
    list.push_back(named_value(name, value));
  };
  add(page.data.is_table ? "rows" : "images", number_text(page.data.size()));
  if (!page.data.left_out.empty()) add("left out", number_text(page.data.left_out.size()));
  if (page.data.has_labels()) add("classes", number_text(page.data.class_names.size()));
  add("clusters", number_text(found.options.clusters));
  if (found.scores) add("best-match accuracy", percent_text(found.scores->match.accuracy));
  if (page.data.has_labels()) add("neighbours disagree", number_text(found.suspects.size()));
  return list;
}

void set_suspects(PageContent& content, const ExplorationPage& page) {
  if (!page.data.has_labels()) return;
  const std::size_t all = page.exploration.suspects.size();
  PageContent review{"cards", suspects(page)};
  review.set("text", all == 0 ? "No label is outvoted by its nearest neighbours."
                              : (all > kMostSuspectsShown
                                     ? "The " + number_text(kMostSuspectsShown) + " clearest of " +
                                           number_text(all) + " (explore.json has all)"
                                     : "All " + number_text(all)) +
                                    " whose nearest neighbours mostly have one other label. That "
                                    "is a reason to look, not a proof.");
  content.set("review", review);
}

}  // namespace

std::string exploration_page(const ExplorationPage& page) {
  const std::string rows = script_json(map_data(page));
  PageContent content{"title", to_utf8(page.title)};
  content.set("stats", stats(page));
  content.set("facts", facts(page));
  content.set("of_images", !page.data.is_table);
  content.set("no_images", !page.data.is_table && page.pictures.thumbnails.empty());
  if (page.exploration.map) content.set("map_text", map_sentence(page.exploration));
  content.set("has_samples", !page.pictures.thumbnails.empty());
  content.set("samples", samples(page));
  content.set("samples_title",
              page.data.has_labels() ? "A sample of each class" : "A sample of each cluster");
  content.set("has_prepared", !page.pictures.prepared.empty());
  content.set("prepared", prepared(page));
  content.set("scree", figure_uri(page.figures, "scree"));
  content.set("pca_raw", pca_sentence(page.exploration.raw));
  content.set("pca_standard", pca_sentence(page.exploration.standard));
  content.set("components", components(page.exploration));
  set_clusters(content, page);
  set_suspects(content, page);
  set_left_out(content, page.data.left_out, "what", "explore.json");
  content.set("data", rows);
  return render_page(kExplorationTemplate, std::string(kZoomScript) + kMapScript,
                     std::move(content), rows);
}

}  // namespace steelsight
