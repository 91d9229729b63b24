#include "datasets/synth.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

SynthOptions synth_options_from_json(const Json& json) {
  JsonObject object(json, "/synth");
  SynthOptions options;
  std::string folder;
  object.read("output", folder);
  object.read("per_class", options.per_class);
  object.read("size", options.size);
  object.read("seed", options.seed);
  object.finish();
  if (folder.empty()) throw ConfigError("/synth/output is missing: where to write, -o DIR");
  options.folder = folder;
  return options;
}

}  // namespace

void add_synth(CommandLine& line) {
  const SynthOptions defaults;
  CLI::App* command = add_command(
      line, "synth", "Makes a small NEU-like set of images, so that nothing needs downloading",
      Json{{"output", ""},
           {"per_class", defaults.per_class},
           {"size", defaults.size},
           {"seed", defaults.seed}},
      [](const Json& json, Console& console) {
        const SynthOptions options = synth_options_from_json(json);
        synthesize(options);
        console.line(std::to_string(6 * options.per_class) + " images of 6 classes in " +
                     options.folder.string());
        return kDone;
      });
  add_text(line, command, "-o,--output", "/output", "Folder for the images")->type_name("DIR");
  add_number(line, command, "--per-class", "/per_class", "Images of each class");
  add_number(line, command, "--size", "/size", "Side in pixels");
  add_examples(command, {"synth -o images --per-class 60 --seed 1"});
}

}  // namespace steelsight
