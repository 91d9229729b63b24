#include "pipeline/explore/exploration_report.hpp"

#include <functional>

#include "core/atomic_file.hpp"
#include "pipeline/explore/exploration_figures.hpp"
#include "pipeline/explore/exploration_json.hpp"
#include "pipeline/explore/exploration_page.hpp"
#include "pipeline/explore/exploration_pictures.hpp"

namespace steelsight {
namespace {

// Draws name.png, .svg and .pdf, or removes them.
void write_figure(const fs::path& folder, const std::string& name, bool is_there,
                  const std::function<void(const fs::path&)>& draw) {
  for (const char* extension : {".png", ".svg", ".pdf"}) {
    const fs::path file = folder / (name + extension);
    boost::system::error_code error;
    if (is_there)
      draw(file);
    else if (!fs::remove(file, error) && error)
      throw FileError(file.string() + ": can't be removed: " + error.message());
  }
}

// By label, or by cluster where there are none.
std::vector<NamedPoints> kinds_of(const ExploredData& data, const Exploration& found) {
  const bool by_label = data.has_labels();
  std::vector<NamedPoints> kinds;
  if (by_label)
    for (const std::string& name : data.class_names) kinds.push_back({name, {}});
  else
    for (std::size_t c = 0; c < found.options.clusters; ++c)
      kinds.push_back({"cluster " + std::to_string(c), {}});
  NamedPoints others;
  const std::vector<MapPoint>& points = found.map ? found.map->points : found.principal;
  for (std::size_t i = 0; i < data.size(); ++i) {
    NamedPoints& kind = !by_label        ? kinds[found.clusters.cluster[i]]
                        : data.labels[i] ? kinds[*data.labels[i]]
                                         : others;
    kind.points.push_back(points[i]);
  }
  if (!others.points.empty()) kinds.push_back(std::move(others));
  return kinds;
}

std::vector<PictureRow> sample_rows(const std::vector<SampleRow>& samples,
                                    const ExplorationPictures& pictures) {
  std::vector<PictureRow> rows;
  for (const SampleRow& sample : samples) {
    rows.push_back({sample.name, {}});
    for (const std::size_t row : sample.rows)
      if (const auto found = pictures.thumbnails.find(row); found != pictures.thumbnails.end())
        rows.back().pictures.push_back(picture_of_jpeg(found->second));
  }
  return rows;
}

std::vector<PictureRow> prepared_rows(const std::vector<SampleRow>& samples,
                                      const ExplorationPictures& pictures) {
  std::vector<PictureRow> rows;
  for (const SampleRow& sample : samples)
    if (const auto found = pictures.prepared.find(sample.rows.front());
        found != pictures.prepared.end())
      rows.push_back({sample.name,
                      {picture_of_jpeg(pictures.thumbnails.at(sample.rows.front())),
                       picture_of_jpeg(found->second)}});
  return rows;
}

}  // namespace

void write_exploration(const fs::path& folder, const std::string& title, const ExploredData& data,
                       const Exploration& found, const std::stop_token& stop) {
  const ExplorationPictures pictures = read_pictures(data, found, stop);
  const std::vector<SampleRow> samples = choose_samples(data, found);
  write_figure(folder, "scree", true,
               [&](const fs::path& file) { draw_scree(file, found.raw, found.standard); });
  const char* map_title = found.map ? "t-SNE" : "First two principal components";
  write_figure(folder, "map", true,
               [&](const fs::path& file) { draw_map(file, map_title, kinds_of(data, found)); });
  write_figure(folder, "class_samples", !pictures.thumbnails.empty(), [&](const fs::path& file) {
    draw_pictures(file, data.has_labels() ? "Samples of each class" : "Samples of each cluster", {},
                  sample_rows(samples, pictures));
  });
  write_figure(folder, "preprocessing", !pictures.prepared.empty(), [&](const fs::path& file) {
    draw_pictures(file, "What the network sees", {"the image", "prepared"},
                  prepared_rows(samples, pictures));
  });
  write_file(folder / "points.csv", points_csv(data, found));
  write_file(folder / "explore.html", exploration_page({.title = title,
                                                        .data = data,
                                                        .exploration = found,
                                                        .pictures = pictures,
                                                        .figures = folder}));
  // Last: where it is, the rest is.
  write_file(
      folder / "explore.json",
      exploration_json(data, found).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace steelsight
