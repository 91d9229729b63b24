#include "datasets/synth.hpp"

#include "core/value_checks.hpp"
#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

struct SynthConfig {
  std::string output;
  SynthOptions images = {};
};

const Fields<SynthOptions>& image_fields() {
  using C = SynthOptions;
  static const Fields<C> fields({
      {"per_class", &C::per_class, {"--per-class", "", "Images of each class"}},
      {"size", &C::size, {"--size", "", "Side in pixels"}},
      {"seed", &C::seed},
  });
  return fields;
}

const Fields<SynthConfig>& synth_fields() {
  using C = SynthConfig;
  static const Fields<C> fields({
      {"output",
       &C::output,
       {"-o,--output", "DIR", "Folder for the images"},
       required("where to write, -o DIR")},
      {&C::images, image_fields()},
  });
  return fields;
}

}  // namespace

void add_synth(CommandLine& line) {
  CLI::App* command = add_command(
      line, "synth", "Makes a small NEU-like set of images, so that nothing needs downloading",
      synth_fields().write({}), synth_fields().keys(), [](const Json& json, Console& console) {
        const SynthConfig config = synth_fields().read(json, "/synth");
        SynthOptions options = config.images;
        options.folder = config.output;
        synthesize(options);
        console.line(std::to_string(6 * options.per_class) + " images of 6 classes in " +
                     options.folder.string());
        return kDone;
      });
  add_examples(command, {"synth -o images --per-class 60 --seed 1"});
}

}  // namespace steelsight
