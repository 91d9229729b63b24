#include "pipeline/predict/explain.hpp"

#include <algorithm>

#include "core/interrupt.hpp"
#include "models/occlusion.hpp"
#include "pipeline/features/image_network.hpp"
#include "pipeline/report/gallery.hpp"
#include "preprocessing/decode.hpp"
#include "preprocessing/heat_overlay.hpp"

namespace steelsight {
namespace {

constexpr NamedValue<ExplainMethod> kMethods[] = {{ExplainMethod::none, "none"},
                                                  {ExplainMethod::grad_cam, "grad_cam"},
                                                  {ExplainMethod::occlusion, "occlusion"}};
constexpr std::int64_t kOcclusionBatch = 16;

}  // namespace

const Fields<ExplainConfig>& explain_fields() {
  using C = ExplainConfig;
  static const Fields<C> fields({
      {"explain",
       &C::method,
       kMethods,
       {"--explain-by", "METHOD",
        "grad_cam, occlusion (slow) or none: how to find where the model looked"}},
      {"explain_layer",
       &C::layer,
       {"--explain-layer", "NAME", "Of Grad-CAM (default: the last convolution)"}},
  });
  return fields;
}

Explainer::Explainer(Backend& backend, const Model& model, const ExplainConfig& config)
    : preprocessing_(image_preparation(preparation_of(model))) {
  if (config.method == ExplainMethod::occlusion)
    occluded_.emplace(backend, model.spec, model.parameters,
                      InferenceNetwork::Options{.batch_size = kOcclusionBatch});
  else
    grad_cam_.emplace(backend, model.spec, model.parameters,
                      GradCam::Options{.batch_size = 1, .layer = config.layer});
}

std::string Explainer::description() const {
  return grad_cam_ ? "Grad-CAM of layer " + grad_cam_->layer() : "occlusion";
}

std::string Explainer::explain(const fs::path& image, int output, const ThumbnailOptions& options) {
  const cv::Mat pixels = read_image(image);
  std::vector<float> planes(preprocessing_.floats());
  to_planes(pixels, preprocessing_, planes.data());
  OcclusionMap map;
  if (grad_cam_) {
    map = {.height = grad_cam_->height(), .width = grad_cam_->width()};
    map.values.resize(static_cast<std::size_t>(map.height * map.width));
    grad_cam_->run(planes, std::span(&output, 1), map.values);
  } else {
    map = occlusion_map(*occluded_, planes, {.output = output});
  }
  return jpeg_thumbnail(
      heat_overlay(pixels, {.values = map.values, .height = map.height, .width = map.width}),
      options);
}

void explain_errors(Explainer& explainer, const Report& report, ReportImages& images,
                    const std::stop_token& stop) {
  images.explained_by = explainer.description();
  const std::vector<std::string>& classes = report.predictions.class_names;
  for (const std::size_t row : choose_gallery(report).errors) {
    throw_if_stopped(stop, "explaining");
    const Prediction& prediction = report.predictions.rows[row];
    const auto output = std::ranges::find(classes, prediction.prediction) - classes.begin();
    images.explanations[row] =
        explainer.explain(prediction.path, static_cast<int>(output),
                          {.side = kGallerySide, .quality = kGalleryQuality});
  }
}

}  // namespace steelsight
