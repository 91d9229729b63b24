#include "pipeline/extend/extend.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_extend(CommandLine& line) {
  CLI::App* command =
      add_command(line, "extend", "Teaches a model new classes without the old images",
                  extend_fields().write({}), extend_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const ExtendConfig config = extend_fields().read(json, "/extend");
                    Backend backend = make_backend(line, Kernels::direct);
                    extend(backend, config, console);
                    return kDone;
                  });
  add_examples(
      command,
      {"extend new_images --model model.safetensors -o model2.safetensors --old some_old_images"});
}

}  // namespace steelsight
