#include <cstdio>

#include "evaluation/number_text.hpp"
#include "models/checksum.hpp"
#include "models/model_file.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/predict/classifier.hpp"

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

void print_calibration(const Model& model, Console& console) {
  const std::size_t bytes = model.memory.features.size() * 2;  // as halves
  console.line("memory         " + (model.memory.empty()
                                        ? "none: images of something else can't be told"
                                        : std::to_string(model.memory.size()) + " images, " +
                                              std::to_string(model.memory.dimension) +
                                              " features of '" + to_string(model.memory.layers) +
                                              "' each, " + std::to_string(bytes) + " bytes"));
  const std::optional<Calibration> calibration = calibration_of(model);
  console.line("calibration    " +
               (!calibration
                    ? "none: there were no validation images"
                    : "temperature " + fixed_text(calibration->temperature, 3) +
                          ", expected calibration error " +
                          percent_text(calibration->ece_before, 2) + " before, " +
                          percent_text(calibration->ece_after, 2) + " after, on " +
                          std::to_string(calibration->judged.size()) + " validation images"));
}

void print_info(const fs::path& file, Console& console) {
  const Model model = load_model(file);
  std::string classes;
  for (const std::string& name : model.class_names) classes += (classes.empty() ? "" : ", ") + name;
  console.line("classes        " + (classes.empty() ? "none: a backbone" : classes));
  console.line("input          " + to_string(model.spec.input) +
               (model.spec.input.size() == 1 ? " features" : " (C,H,W)"));
  console.line("parameters     " + std::to_string(parameter_count(model.spec)));
  console.line("preprocessing  " + model.preprocessing.dump());
  console.line("training       " + model.training.dump());
  console.line("images seen    " + std::to_string(model.trained_images.size()) + " trained, " +
               std::to_string(model.validated_images.size()) + " validated");
  console.line(std::string("checksum       ") +
               (has_checksum(file) ? "right: the file is as it was written"
                                   : "none: written before there was one, or by another program; "
                                     "damage to its numbers can't be noticed"));
  print_calibration(model, console);
  if (!model.quantization.empty())
    console.line("integers       " + std::to_string(model.quantization.layers.size()) + " of " +
                 std::to_string(quantizable_layers(model.spec).size()) + " convolutions; " +
                 model.quantization.figures.dump());
  console.line("layers");
  print_layers(model, console);
}

void print_kernels(const fs::path& file, Console& console) {
  if (!fs::exists(file)) {
    console.line(file.string() + ": not there yet: nothing was timed");
    return;
  }
  console.line(file.string());
  for (const auto& [machine, timings] : read_kernel_file(file)) {
    console.line(machine);
    console.line("  direct ms  Winograd ms  chosen    convolution");
    for (const auto& [convolution, timing] : timings) {
      char text[64];
      std::snprintf(text, sizeof text, "%11.3f  %11.3f  %-8s  ", timing.direct_ms,
                    timing.winograd_ms,
                    timing.chosen() == ConvAlgorithm::winograd ? "Winograd" : "direct");
      console.line(text + convolution);
    }
  }
}

struct InfoConfig {
  std::string model;
  bool kernels = false;
};

const Fields<InfoConfig>& info_fields() {
  using C = InfoConfig;
  static const Fields<C> fields(
      {
          {"model", &C::model, {"model", "MODEL", "What `train` wrote"}},
          {"kernels", &C::kernels, {"--kernels", "", "List the timed kernels of all machines"}},
      },
      [](C& config, const std::string&) {
        if (config.model.empty() && !config.kernels)
          throw ConfigError("info needs a MODEL, or --kernels");
      });
  return fields;
}

}  // namespace

void add_info(CommandLine& line) {
  CLI::App* command =
      add_command(line, "info", "Says what a model file holds", info_fields().write({}),
                  info_fields().keys(), [](const Json& json, Console& console) {
                    console.must_arrive();
                    const InfoConfig config = info_fields().read(json, "/info");
                    if (!config.model.empty()) print_info(config.model, console);
                    if (config.kernels) print_kernels(kernel_file(), console);
                    return kDone;
                  });
  add_examples(command, {"info model.safetensors", "info --kernels"});
}

}  // namespace steelsight
