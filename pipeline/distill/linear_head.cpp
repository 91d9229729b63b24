#include "pipeline/distill/linear_head.hpp"

#include <algorithm>

#include "models/surgery.hpp"
#include "pipeline/features/features_norm.hpp"
#include "pipeline/predict/novelty.hpp"
#include "pipeline/predict/validation.hpp"
#include "pipeline/train/learner.hpp"

namespace steelsight {
namespace {

LabelledFeatures at_most(LabelledFeatures all, std::size_t rows, std::size_t classes,
                         std::uint64_t seed) {
  if (all.labels.size() <= rows) return all;
  const std::vector<std::size_t> chosen =
      select_per_class(all.labels, std::max<std::size_t>(rows / classes, 1), seed);
  LabelledFeatures some{.features = all.features.select(chosen), .labels = {}};
  for (const std::size_t i : chosen) some.labels.push_back(all.labels[i]);
  return some;
}

}  // namespace

HeadOnFeatures fit_linear_head(const LabelledFeatures& train, std::size_t classes,
                               std::uint64_t seed) {
  const LabelledFeatures rows = at_most(train, kMostHeadRows, classes, seed);
  HeadOnFeatures head{.spec = {.input = train.features.shape,
                               .layers = {{.type = LayerType::batchnorm, .name = kFeaturesNorm},
                                          {.type = LayerType::dense,
                                           .name = "predictions",
                                           .out = static_cast<std::int64_t>(classes)}}},
                      .parameters = {}};
  head.parameters = initial_parameters(head.spec, seed);
  fit_features_norm(rows.features, head.parameters);
  solve_head(head.spec, head.parameters, rows, {});
  return head;
}

Accuracy accuracy_of(Backend& backend, const HeadOnFeatures& head, const LabelledFeatures& images) {
  if (images.labels.empty()) return {};
  return validate(backend, head.spec, head.parameters, images.features, images.labels).accuracy;
}

}  // namespace steelsight
