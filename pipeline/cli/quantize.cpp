#include "pipeline/quantize/quantize.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_quantize(CommandLine& line) {
  CLI::App* command =
      add_command(line, "quantize", "Makes a model run in 8-bit integers, and says what that costs",
                  quantize_fields().write({}), quantize_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const QuantizeConfig config = quantize_fields().read(json, "/quantize");
                    Backend backend = make_backend(line, Kernels::direct);
                    quantize(backend, config, console);
                    return kDone;
                  });
  add_examples(command, {"quantize model.safetensors --calibrate images -o model8.safetensors"});
}

}  // namespace steelsight
