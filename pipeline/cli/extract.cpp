#include "pipeline/extract/extract.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_extract(CommandLine& line) {
  CLI::App* command =
      add_command(line, "extract", "Writes a layer's features of every image as .npy and CSV",
                  to_json(ExtractConfig{}), extract_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const ExtractConfig config = extract_config_from_json(json);
                    Backend backend = make_backend(line, Kernels::direct);
                    extract(backend, config, console);
                    return kDone;
                  });
  add_examples(command, {"extract images -o features --layer block4,block5"});
}

}  // namespace steelsight
