#pragma once
// The pictures of a report.
#include <cstddef>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "evaluation/predictions.hpp"

namespace steelsight {

struct Report;

// Images that the report shows large: side in pixels, quality of the JPEG.
inline constexpr int kGallerySide = 192;
inline constexpr int kGalleryQuality = 75;
// Images that a list shows: side in pixels, quality of the JPEG.
inline constexpr int kSmallSide = 96;
inline constexpr int kSmallQuality = 60;

// The JPEG of an image file, its longer side so many pixels at most. Nothing if it can't be read.
// Throws Interrupted.
std::optional<std::string> read_thumbnail(const std::string& path, const std::stop_token& stop,
                                          int side = kGallerySide, int quality = kGalleryQuality);

// By row of the predictions; the bytes of JPEG files. Rows may be absent.
struct ReportImages {
  std::map<std::size_t, std::string> thumbnails;
  std::map<std::size_t, std::string> explanations;  // for errors: where the network looked
  std::string explained_by;                         // "Grad-CAM of layer block5_conv3_relu"
};

// Thumbnails from the files that the rows name: large ones for the report's gallery (gallery.hpp),
// then small ones of errors, then of all images in their order, as far as a few megabytes allow.
// What can't be read has none. Throws Interrupted.
ReportImages read_thumbnails(const Report& report, const std::stop_token& stop = {});

// When the images' files were last changed, as "2013-05-02" or "2013-05-02 to 2013-06-11" (UTC).
// Empty if none of them is there.
std::string date_of_images(const Predictions& predictions);

}  // namespace steelsight
