#include "pipeline/classify.hpp"

#include <map>

#include "datasets/image_list.hpp"
#include "pipeline/classifier.hpp"
#include "pipeline/config.hpp"
#include "pipeline/report/predictions.hpp"

namespace steelsight {

ClassifyResult classify(Backend& backend, const ClassifyConfig& config, Console& console) {
  const Model model = load_model(config.model);
  const std::vector<fs::path> paths = find_images(config.inputs);
  const fs::path csv = fs::path(config.output) / "predictions.csv";
  PredictionsWriter writer(csv, model.class_names);
  Classifier classifier(backend, model,
                        {.batch_size = config.batch_size, .loader_threads = config.loader_threads});
  ClassifyResult result;
  std::map<std::string, std::size_t> counts;
  console.start("classifying", paths.size());
  classifier.run(paths, [&](const Classification& c) {
    const Prediction row =
        prediction_row(c, {.path = paths[c.item].string(), .class_names = model.class_names});
    writer.write(row);
    ++result.images;
    if (row.error.empty())
      ++counts[row.prediction];
    else
      ++result.errors;
    console.update(result.images);
  });
  console.finish();
  writer.commit();
  write_config(fs::path(config.output) / "config.json", "classify", to_json(config));
  for (const std::string& name : model.class_names)
    if (counts[name] > 0) console.line(name + ": " + std::to_string(counts[name]));
  if (result.errors > 0)
    console.line("could not be read: " + std::to_string(result.errors) +
                 " (see the column 'error')");
  console.line(std::to_string(result.images) + " rows in " + csv.string());
  return result;
}

ClassifyConfig classify_config_from_json(const Json& json) {
  JsonObject object(json, "/classify");
  ClassifyConfig c;
  object.read("inputs", c.inputs);
  object.read("output", c.output);
  object.read("model", c.model);
  object.read("batch_size", c.batch_size);
  object.read("loader_threads", c.loader_threads);
  object.read("strict", c.strict);
  object.finish();
  if (c.inputs.empty()) throw ConfigError("classify needs images: files, folders or patterns");
  if (c.output.empty()) throw ConfigError("classify needs a folder to write to: -o DIR");
  if (c.model.empty())
    throw ConfigError("classify needs a model: --model MODEL, as train writes it");
  check_loading(c.batch_size, c.loader_threads, "/classify");
  return c;
}

Json to_json(const ClassifyConfig& c) {
  return Json{{"inputs", c.inputs},
              {"output", c.output},
              {"model", c.model},
              {"batch_size", c.batch_size},
              {"loader_threads", c.loader_threads},
              {"strict", c.strict}};
}

}  // namespace steelsight
