#include "pipeline/extract/extract.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_extract(CommandLine& line) {
  const ExtractConfig defaults;
  CLI::App* command =
      add_command(line, "extract", "Writes a layer's features of every image as .npy and CSV",
                  to_json(defaults), [&line](const Json& json, Console& console) {
                    const ExtractConfig config = extract_config_from_json(json);
                    Backend backend = make_backend(line, Kernels::direct);
                    extract(backend, config, console);
                    return kDone;
                  });
  add_text(line, command, "dataset", "/dataset", "As for train; labels may be missing")
      ->type_name("DATASET");
  add_text(line, command, "-o,--output", "/output", "FEATURES.npy and FEATURES.csv are written")
      ->type_name("FEATURES");
  add_text(line, command, "--model", "/model", "What `train` wrote")->type_name("MODEL");
  add_text(line, command, "--arch", "/arch", "Instead of a model: resnet50, vgg16, ...")
      ->type_name("NAME");
  add_text(line, command, "--weights", "/weights", "The weights of --arch")->type_name("FILE");
  add_list(line, command, "--layer", "/layers",
           "Layers to pool and join: layer3,layer4; 'features': what the last dense layer reads");
  add_number(line, command, "--batch-size", "/batch_size", "Images computed at once");
  add_examples(command, {"extract images -o features --layer block4,block5"});
}

}  // namespace steelsight
