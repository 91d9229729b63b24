#include "pipeline/predict/evaluate.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/content_hash.hpp"
#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "datasets/label_twins.hpp"
#include "datasets/open_dataset.hpp"
#include "datasets/sentences.hpp"
#include "evaluation/predictions.hpp"
#include "models/surgery.hpp"
#include "pipeline/command/accuracy_text.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/predict/classifier.hpp"
#include "pipeline/report/write_report.hpp"
#include "preprocessing/image_error.hpp"

namespace steelsight {
namespace {

Seen seen_by(const Model& model, std::uint64_t hash) {
  if (std::ranges::binary_search(model.trained_images, hash)) return Seen::trained;
  if (std::ranges::binary_search(model.validated_images, hash)) return Seen::validated;
  return Seen::unseen;
}

Json describe_network(const NetworkSpec& spec) {
  std::map<std::string, std::int64_t> parameters;  // in each layer
  for (const ParameterSpec& parameter : parameter_specs(spec))
    if (parameter.trainable())
      parameters[layer_of_parameter(parameter.name)] += element_count(parameter.shape);
  Json layers = Json::array();
  const std::vector<LayerGraph> graph = resolve(spec);
  for (std::size_t i = 0; i < graph.size(); ++i)
    layers.push_back({{"name", spec.layers[i].name},
                      {"type", type_name(spec.layers[i])},
                      {"output", to_string(graph[i].output)},
                      {"parameters", parameters[spec.layers[i].name]}});
  return layers;
}

Json describe(const Model& model, const std::string& file) {
  return Json{{"file", file},
              {"classes", model.class_names},
              {"input", model.spec.input},
              {"layers", model.spec.layers.size()},
              {"network", describe_network(model.spec)},
              {"parameters", parameter_count(model.spec)},
              {"preprocessing", model.preprocessing},
              {"training", model.training},
              {"trained_images", model.trained_images.size()},
              {"validated_images", model.validated_images.size()}};
}

// What the calibration section says, gathered image by image.
class CalibrationTally {
 public:
  CalibrationTally(const Model& model, const UnknownConfig& unknown, Console& console)
      : calibration_(calibration_of(model)), rule_(make_unknown_rule(model, unknown)) {
    for (const std::string& note : rule_.notes) console.line(note);
    if (unknown.asked())
      accepted_ = {.max_error = unknown.max_error, .false_alarms = unknown.false_alarms};
  }

  // `label`: position in the model's classes, or nothing for another class.
  void add(const Classification& c, std::optional<std::size_t> label) {
    const bool correct = label == c.best();
    before_.push_back({c.uncalibrated, correct});
    after_.push_back({c.confidence(), correct});
    if (!accepted_) return;
    const bool unknown = rule_.calls_unknown(c);
    ++(label ? accepted_->n : accepted_->n_other);
    if (!label) {
      accepted_->other_unknown += unknown;
    } else if (!unknown) {
      ++accepted_->accepted;
      accepted_->wrong += !correct;
    }
  }

  // Nothing for a model without calibration, or without images.
  std::optional<CalibrationReport> report() const {
    if (!calibration_ || after_.empty()) return std::nullopt;
    return CalibrationReport{.temperature = calibration_->temperature,
                             .ece_before = expected_calibration_error(before_),
                             .ece_after = expected_calibration_error(after_),
                             .n = after_.size(),
                             .accepted = accepted_};
  }

 private:
  const std::optional<Calibration> calibration_;
  const UnknownRule rule_;
  std::vector<Judged> before_, after_;
  std::optional<AcceptedReport> accepted_;
};

std::optional<std::size_t> position_of(const std::vector<std::string>& names,
                                       const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

void print_seen(const Report& report, Console& console) {
  const auto part = [&](Seen seen) -> const SeenPart* {
    for (const SeenPart& candidate : report.seen)
      if (candidate.seen == seen && candidate.n_images > 0) return &candidate;
    return nullptr;
  };
  const SeenPart* trained = part(Seen::trained);
  const SeenPart* validated = part(Seen::validated);
  if (trained == nullptr && validated == nullptr) return;
  console.line(
      "the model has already seen " +
      std::to_string((trained ? trained->n_images : 0) + (validated ? validated->n_images : 0)) +
      " of these " + std::to_string(report.n_images) + " images:");
  for (const Seen seen : {Seen::trained, Seen::validated, Seen::unseen})
    if (const SeenPart* found = part(seen))
      print_accuracy(console, std::string("  ") + seen_name(seen), found->accuracy);
}

// A network without places has nothing that Grad-CAM could show.
ReportImages images_of(const Report& report, Backend& backend, const Model& model,
                       const ExplainConfig& config, const std::stop_token& stop) {
  ReportImages images = read_thumbnails(report, stop);
  const bool is_possible = config.method == ExplainMethod::occlusion || !config.layer.empty() ||
                           !last_layer_with_places(model.spec).empty();
  if (config.method == ExplainMethod::none || !is_possible || report.wrong.empty()) return images;
  Explainer explainer(backend, model, config);
  explain_errors(explainer, report, images, stop);
  return images;
}

// Says which labels the model has no class for. Throws DatasetError if these are all of them,
// unless it was asked how many images of other classes the model would let through.
void compare_labels(const Dataset& dataset, const Model& model, const EvaluateConfig& config,
                    Console& console) {
  const std::vector<std::size_t> counts = samples_per_class(dataset);
  std::vector<std::string> unknown;
  std::size_t images = 0, labelled = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    labelled += counts[c];
    if (position_of(model.class_names, dataset.class_names[c])) continue;
    unknown.push_back(dataset.class_names[c]);
    images += counts[c];
  }
  if (unknown.empty()) return;
  std::string hint;
  for (const std::string& label : unknown)
    for (const std::string& name : model.class_names)
      if (label_key(label) == label_key(name))
        hint += "; '" + label + "' and the model's '" + name + "' differ only in " +
                difference_of_twins(label, name);
  if (unknown.size() == counts.size() && !config.unknown.asked())
    throw DatasetError(config.dataset + ": the model has none of the classes " + listed(unknown) +
                       "; it has " + listed(model.class_names) + hint);
  console.warning(std::to_string(images) + " of " + std::to_string(labelled) +
                  (dataset.table ? " rows" : " images") +
                  " have labels that the model has no class for: " + listed(unknown) + hint);
}

void print_accepted(const AcceptedReport& accepted, Console& console) {
  console.line("named: " + std::to_string(accepted.accepted) + " of " + std::to_string(accepted.n) +
               " images of the model's classes, " + std::to_string(accepted.wrong) +
               " of them wrong");
  if (accepted.n_other > 0)
    console.line("unknown: " + std::to_string(accepted.other_unknown) + " of " +
                 std::to_string(accepted.n_other) + " images of other classes");
}

}  // namespace

Report evaluate_samples(Backend& backend, const Model& model, const Dataset& dataset,
                        const std::vector<std::size_t>& samples,
                        const EvaluateSamplesOptions& options, Console& console) {
  const Examples examples = examples_of(dataset, samples);
  std::vector<Seen> seen;
  const fs::path csv = options.output / "predictions.csv";
  PredictionsWriter writer(csv, model.class_names, /*distances=*/!model.memory.empty());
  CalibrationTally calibration(model, options.unknown, console);
  Classifier classifier(backend, model, options.run);
  console.start("evaluating", examples.size());
  classifier.run(examples, [&](const Classification& c) {
    const Sample& sample = dataset.samples[samples[c.item]];
    const std::string label = sample.label ? dataset.class_names[*sample.label] : std::string();
    writer.write(prediction_row(
        c, {.path = sample.path.string(), .label = label, .class_names = model.class_names}));
    if (sample.label && c.error.empty()) calibration.add(c, position_of(model.class_names, label));
    seen.push_back(seen_by(model, c.hash));
    console.update(seen.size());
  });
  console.finish();
  writer.commit();
  const Predictions predictions = read_predictions(csv);
  Report report =
      make_report(predictions, {.title = options.title,
                                .seen = std::move(seen),
                                .model = describe(model, options.model_file.filename().string()),
                                .training_log = options.log,
                                .calibration = calibration.report(),
                                .images_date = date_of_images(predictions)});
  write_report(options.output, report,
               images_of(report, backend, model, options.explain, console.stop()));
  return report;
}

Report evaluate(Backend& backend, const EvaluateConfig& config, Console& console) {
  const OutputClaim claim = claim_folder(config.run.output);
  const Model model = load_classifier(config.run.model, console.stop());
  const Dataset dataset = open_dataset(config.dataset);
  for (const std::string& warning : dataset.warnings) console.warning(warning);
  compare_labels(dataset, model, config, console);
  std::vector<std::size_t> samples(dataset.samples.size());
  std::iota(samples.begin(), samples.end(), std::size_t{0});
  Report report = evaluate_samples(
      backend, model, dataset, samples,
      {.output = config.run.output,
       .title = "Evaluation of " + dataset.root.filename().string(),
       .model_file = config.run.model,
       .log = {},
       .unknown = config.unknown,
       .explain = config.explain,
       .run = {.batch_size = config.run.batch_size, .loader_threads = config.run.loader_threads}},
      console);
  write_config(fs::path(config.run.output) / "config.json", "evaluate",
               evaluate_fields().write(config));
  if (report.metrics) print_accuracy(console, "overall", report.metrics->accuracy);
  print_seen(report, console);
  if (report.calibration && report.calibration->accepted)
    print_accepted(*report.calibration->accepted, console);
  if (report.n_errors > 0)
    console.line(std::to_string(report.n_errors) + " images could not be read: see the report");
  console.line("report in " + config.run.output);
  require_all_folders(config.run, dataset.unreadable_folders);
  return report;
}

const Fields<EvaluateConfig>& evaluate_fields() {
  using C = EvaluateConfig;
  static const Fields<C> fields({
      {"dataset",
       &C::dataset,
       {"dataset", "DATASET", "As for train"},
       required("a folder or list")},
      {&C::run, model_run_fields()},
      {&C::unknown, unknown_fields()},
      {&C::explain, explain_fields()},
  });
  return fields;
}

}  // namespace steelsight
