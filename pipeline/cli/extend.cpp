#include "pipeline/extend/extend.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_extend(CommandLine& line) {
  const ExtendConfig defaults;
  CLI::App* command =
      add_command(line, "extend", "Teaches a model new classes without the old images",
                  to_json(defaults), [&line](const Json& json, Console& console) {
                    const ExtendConfig config = extend_config_from_json(json);
                    Backend backend = make_backend(line, Kernels::direct);
                    extend(backend, config, console);
                    return kDone;
                  });
  add_text(line, command, "dataset", "/dataset", "Images of the new classes, as for train")
      ->type_name("NEW_DATASET");
  add_text(line, command, "--model", "/model", "The model to extend")->type_name("MODEL");
  add_text(line, command, "-o,--output", "/output", "The model to write, a .safetensors file")
      ->type_name("MODEL2");
  add_text(line, command, "--old", "/old", "Images to measure the old classes on, if there are any")
      ->type_name("DATASET");
  add_number(line, command, "--max-forget", "/max_forget",
             "Points of the old classes' mean recall that may be lost");
  add_number(line, command, "--epochs", "/epochs", "Passes over old and new features");
  add_number(line, command, "--views", "/views", "Augmented views of each new image");
  add_examples(
      command,
      {"extend new_images --model model.safetensors -o model2.safetensors --old some_old_images"});
}

}  // namespace steelsight
