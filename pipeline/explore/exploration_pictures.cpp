#include "pipeline/explore/exploration_pictures.hpp"

#include <algorithm>

#include "pipeline/report/gallery.hpp"
#include "pipeline/report/report_images.hpp"
#include "preprocessing/decode.hpp"
#include "preprocessing/prepared_picture.hpp"
#include "preprocessing/thumbnail.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostBytes = 3'000'000;  // all JPEGs; a third more as text

}  // namespace

std::vector<SampleRow> choose_samples(const ExploredData& data, const Exploration& exploration) {
  const bool by_label = data.has_labels();
  std::map<std::size_t, std::vector<std::size_t>> rows_of;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (!by_label)
      rows_of[exploration.clusters.cluster[i]].push_back(i);
    else if (data.labels[i])
      rows_of[*data.labels[i]].push_back(i);
  }
  std::vector<SampleRow> samples;
  for (const auto& [kind, rows] : rows_of)
    if (samples.size() < kMostSampledClasses)
      samples.push_back({by_label ? data.class_names[kind] : "cluster " + std::to_string(kind),
                         sample_evenly(rows)});
  return samples;
}

ExplorationPictures read_pictures(const ExploredData& data, const Exploration& exploration,
                                  const std::stop_token& stop) {
  ExplorationPictures pictures;
  if (data.is_table) return pictures;
  std::size_t bytes = 0;
  const auto add = [&](std::size_t row, int side, int quality) {
    if (bytes >= kMostBytes || pictures.thumbnails.contains(row)) return;
    if (auto jpeg = read_thumbnail(data.paths[row].string(), stop, side, quality)) {
      bytes += jpeg->size();
      pictures.thumbnails[row] = *std::move(jpeg);
    }
  };
  const auto samples = choose_samples(data, exploration);
  for (const SampleRow& sample : samples)
    for (const std::size_t row : sample.rows) add(row, kGallerySide, kGalleryQuality);
  for (const Suspect& suspect :
       std::span(exploration.suspects)
           .first(std::min(exploration.suspects.size(), kMostSuspectsShown)))
    add(suspect.row, kGallerySide, kGalleryQuality);
  for (std::size_t row = 0; row < data.size(); ++row) add(row, kSmallSide, kSmallQuality);

  if (!data.preprocessing) return pictures;
  for (const SampleRow& sample : samples) {
    const std::size_t row = sample.rows.front();
    if (!pictures.thumbnails.contains(row)) continue;  // it can't be read any more
    pictures.prepared[row] =
        jpeg_thumbnail(prepared_picture(read_image(data.paths[row]), *data.preprocessing),
                       {.side = kGallerySide, .quality = kGalleryQuality});
  }
  return pictures;
}

Picture picture_of_jpeg(const std::string& bytes) {
  const cv::Mat image = decode_image(bytes, "thumbnail");
  Picture picture{.width = image.cols, .height = image.rows, .pixels = {}};
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const unsigned char* at = image.ptr(y, x);
      const bool is_gray = image.channels() == 1;
      const std::uint32_t blue = at[0], green = at[is_gray ? 0 : 1], red = at[is_gray ? 0 : 2];
      picture.pixels.push_back(red << 16 | green << 8 | blue);
    }
  return picture;
}

}  // namespace steelsight
