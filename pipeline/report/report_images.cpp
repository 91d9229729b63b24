#include "pipeline/report/report_images.hpp"

#include <algorithm>
#include <ctime>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "pipeline/report/gallery.hpp"
#include "pipeline/report/report.hpp"
#include "preprocessing/decode.hpp"
#include "preprocessing/thumbnail.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kMostBytes = 3'000'000;  // all JPEGs; a third more as text

std::string day(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

}  // namespace

std::optional<std::string> read_thumbnail(const std::string& path, const std::stop_token& stop,
                                          int side, int quality) {
  throw_if_stopped(stop, "the images of a report were read");
  // It is not there any more, or broken: the report says so elsewhere.
  try {
    return jpeg_thumbnail(read_image(path), {.side = side, .quality = quality});
  } catch (const FileError&) {
    return std::nullopt;
  }
}

ReportImages read_thumbnails(const Report& report, const std::stop_token& stop) {
  const std::vector<Prediction>& rows = report.predictions.rows;
  ReportImages images;
  std::size_t bytes = 0;
  const auto add = [&](std::size_t row, int side, int quality) {
    if (bytes >= kMostBytes || !rows[row].error.empty() || images.thumbnails.contains(row)) return;
    if (const auto thumbnail = read_thumbnail(rows[row].path, stop, side, quality)) {
      bytes += thumbnail->size();
      images.thumbnails[row] = *thumbnail;
    }
  };
  const auto add_large = [&](std::size_t row) { add(row, kGallerySide, kGalleryQuality); };
  const auto add_small = [&](std::size_t row) { add(row, kSmallSide, kSmallQuality); };
  const Gallery gallery = choose_gallery(report);
  for (const std::size_t row : gallery.errors) add_large(row);
  for (const Gallery::Sample& sample : gallery.samples)
    for (const std::size_t row : sample.rows) add_large(row);
  for (const WrongImage& image : report.wrong) add_small(image.row);
  for (std::size_t row = 0; row < rows.size(); ++row) add_small(row);
  return images;
}

std::string date_of_images(const Predictions& predictions) {
  std::optional<std::time_t> first, last;
  for (const Prediction& row : predictions.rows) {
    boost::system::error_code error;
    const std::time_t time = fs::last_write_time(row.path, error);
    if (error) continue;
    first = std::min(first.value_or(time), time);
    last = std::max(last.value_or(time), time);
  }
  if (!first) return "";
  return day(*first) == day(*last) ? day(*first) : day(*first) + " to " + day(*last);
}

}  // namespace steelsight
