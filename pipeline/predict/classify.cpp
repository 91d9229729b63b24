#include "pipeline/predict/classify.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/atomic_file.hpp"
#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "evaluation/predictions.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/predict/classifier.hpp"

namespace steelsight {

namespace {

constexpr ThumbnailOptions kPicture{.side = 1024, .quality = 90};

// A picture of each image that was read; classes: a position, or -1 for one that could not be.
void explain_images(Explainer& explainer, const std::vector<fs::path>& paths,
                    const std::vector<int>& classes, const fs::path& folder, Console& console) {
  constexpr std::size_t kLongestStem = 100;  // a file name has 255 bytes at most
  console.start("explaining", paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    console.throw_if_stopped("explaining");
    console.update(i);
    if (classes[i] < 0) continue;
    const std::string name =
        std::to_string(i + 1) + "_" + paths[i].stem().string().substr(0, kLongestStem) + ".jpg";
    write_file(folder / name, explainer.explain(paths[i], classes[i], kPicture));
  }
  console.finish();
  console.line("where the model looked (" + explainer.description() + "): " + folder.string());
}

}  // namespace

ClassifyResult classify(Backend& backend, const ClassifyConfig& config, Console& console) {
  const OutputClaim claim = claim_folder(config.run.output);
  Model model = load_classifier(config.run.model, console.stop());
  const std::vector<std::string> class_names = model.class_names;
  const FoundExamples found = find_examples(config.inputs);
  for (const std::string& warning : found.warnings) console.warning(warning);
  const Examples& examples = found.examples;
  const fs::path csv = fs::path(config.run.output) / "predictions.csv";
  const UnknownRule rule = make_unknown_rule(model, config.unknown);
  for (const std::string& note : rule.notes) console.line(note);
  PredictionsWriter writer(csv, model.class_names, /*distances=*/!model.memory.empty());
  std::optional<Explainer> explainer;  // made first: what can't be explained is said at once
  if (config.explain.method != ExplainMethod::none)
    explainer.emplace(backend, model, config.explain);
  // The parameters of a large network are not in memory twice, and one image is not a batch.
  Classifier classifier(backend, std::move(model),
                        {.batch_size = std::clamp(static_cast<std::int64_t>(examples.size()),
                                                  std::int64_t{1}, config.run.batch_size),
                         .loader_threads = config.run.loader_threads,
                         .stop = console.stop()});
  ClassifyResult result;
  std::map<std::string, std::size_t> counts;
  std::vector<int> classes;
  console.start("classifying", examples.size());
  classifier.run(examples, [&](const Classification& c) {
    Prediction row =
        prediction_row(c, {.path = examples.paths[c.item].string(), .class_names = class_names});
    if (rule.calls_unknown(c)) row.prediction = kUnknown;
    writer.write(row);
    classes.push_back(row.error.empty() ? static_cast<int>(c.best()) : -1);
    ++result.images;
    result.errors += !row.error.empty();
    result.unknown += is_unknown(row, class_names);
    ++counts[row.prediction];
    console.update(result.images);
  });
  console.finish();
  writer.commit();
  if (explainer)
    explain_images(*explainer, examples.paths, classes, fs::path(config.run.output) / "explained",
                   console);
  write_config(fs::path(config.run.output) / "config.json", "classify",
               classify_fields().write(config));
  for (const std::string& name : class_names)
    if (counts[name] > 0) console.line(name + ": " + std::to_string(counts[name]));
  if (result.unknown > 0) console.line("unknown: " + std::to_string(result.unknown));
  if (result.errors > 0)
    console.line("could not be read: " + std::to_string(result.errors) +
                 " (see the column 'error')");
  console.line(std::to_string(result.images) + " rows in " + csv.string());
  require_all_folders(config.run, found.unreadable_folders);
  return result;
}

const Fields<ClassifyConfig>& classify_fields() {
  using C = ClassifyConfig;
  static const Fields<C> fields({
      {"inputs",
       &C::inputs,
       {"inputs", "INPUT",
        "Image files, folders, CSV lists, and quoted patterns as '*.bmp'; or one table of numbers"},
       required("image files, folders or patterns")},
      {&C::run, model_run_fields()},
      {&C::unknown, unknown_fields()},
      {&C::explain, explain_fields()},
  });
  return fields;
}

}  // namespace steelsight
