#include "pipeline/extract/extract.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_extract(CommandLine& line) {
  CLI::App* command =
      add_command(line, "extract", "Writes a layer's features of every image as .npy and CSV",
                  extract_fields().write({}), extract_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const ExtractConfig config = extract_fields().read(json, "/extract");
                    Backend backend = make_backend(line, Kernels::direct);
                    extract(backend, config, console);
                    return kDone;
                  });
  add_examples(command, {"extract images -o features --layer block4,block5"});
}

}  // namespace steelsight
