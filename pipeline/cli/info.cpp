#include <cstdio>

#include "models/model_file.hpp"
#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

void print_layers(const Model& model, Console& console) {
  const std::vector<LayerGraph> graph = resolve(model.spec);
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const LayerSpec& layer = model.spec.layers[i];
    char text[160];
    std::snprintf(text, sizeof text, "  %-24s %-14s %s", layer.name.c_str(),
                  type_name(layer).c_str(), to_string(graph[i].output).c_str());
    console.line(text);
  }
}

void print_info(const Model& model, Console& console) {
  std::string classes;
  for (const std::string& name : model.class_names) classes += (classes.empty() ? "" : ", ") + name;
  console.line("classes        " + classes);
  console.line("input          " + to_string(model.spec.input) + " (C,H,W)");
  console.line("parameters     " + std::to_string(parameter_count(model.spec)));
  console.line("preprocessing  " + model.preprocessing.dump());
  console.line("training       " + model.training.dump());
  console.line("images seen    " + std::to_string(model.trained_images.size()) + " trained, " +
               std::to_string(model.validated_images.size()) + " validated");
  console.line("layers");
  print_layers(model, console);
}

}  // namespace

void add_info(CommandLine& line) {
  CLI::App* command = add_command(line, "info", "Says what a model file holds", Json{{"model", ""}},
                                  [](const Json& json, Console& console) {
                                    JsonObject object(json, "/info");
                                    const auto model = object.require<std::string>("model");
                                    object.finish();
                                    if (model.empty()) throw ConfigError("info needs a MODEL");
                                    print_info(load_model(model), console);
                                    return kDone;
                                  });
  add_text(line, command, "model", "/model", "What `train` wrote")->type_name("MODEL");
}

}  // namespace steelsight
