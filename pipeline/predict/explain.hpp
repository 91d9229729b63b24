#pragma once
// Pictures of where a model looked in an image when it gave a class.
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/backend.hpp"
#include "models/grad_cam.hpp"
#include "models/model_file.hpp"
#include "pipeline/report/report.hpp"
#include "pipeline/report/report_images.hpp"
#include "preprocessing/image_header.hpp"
#include "preprocessing/preprocessing.hpp"
#include "preprocessing/thumbnail.hpp"

namespace steelsight {

enum class ExplainMethod {
  none,
  grad_cam,   // models/grad_cam.hpp
  occlusion,  // models/occlusion.hpp: slower by the squares that it tries
};

struct ExplainConfig {
  ExplainMethod method = ExplainMethod::none;
  std::string layer = {};  // for Grad-CAM; empty: last_layer_with_places()
};

// The keys explain ("none", "grad_cam", "occlusion") and explain_layer.
const Fields<ExplainConfig>& explain_fields();

// Explains what a model says of images, one image at a time.
class Explainer {
 public:
  // Not for ExplainMethod::none. Throws ModelError for a model that does not read images, or a
  // layer that can't explain.
  Explainer(Backend& backend, const Model& model, const ExplainConfig& config);

  // "Grad-CAM of layer block5_conv3_relu", "occlusion"
  std::string description() const;

  // The bytes of a JPEG: the image with the map of a class (a position in the model's) over it.
  // Throws ImageError, FileError for an image that can't be read.
  std::string explain(const fs::path& image, int output, const ThumbnailOptions& options);

 private:
  const Preprocessing preprocessing_;
  std::optional<GradCam> grad_cam_;           // one of the two
  std::optional<InferenceNetwork> occluded_;  // is run on covered images
};

// What the model looked at in the errors of the report's gallery (pipeline/report/gallery.hpp).
// Throws as explain(), Interrupted.
void explain_errors(Explainer& explainer, const Report& report, ReportImages& images,
                    const std::stop_token& stop = {});

}  // namespace steelsight
