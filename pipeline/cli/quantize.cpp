#include "pipeline/quantize/quantize.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_quantize(CommandLine& line) {
  CLI::App* command =
      add_command(line, "quantize", "Makes a model run in 8-bit integers, and says what that costs",
                  to_json(QuantizeConfig{}), [&line](const Json& json, Console& console) {
                    const QuantizeConfig config = quantize_config_from_json(json);
                    Backend backend = make_backend(line, Kernels::direct);
                    quantize(backend, config, console);
                    return kDone;
                  });
  add_text(line, command, "model", "/model", "What `train` wrote")->type_name("MODEL");
  add_text(line, command, "--calibrate", "/calibrate",
           "Images like those to come; with labels, accuracies are compared too")
      ->type_name("DATASET");
  add_text(line, command, "-o,--output", "/output", "The model to write, a .safetensors file")
      ->type_name("MODEL8");
  add_number(line, command, "--percentile", "/percentile",
             "Share of the values that are not clipped, in percent; 100: all (min-max)");
  add_number(line, command, "--images", "/images", "Images that the ranges are taken from");
  add_number(line, command, "--max-layer-error", "/max_layer_error",
             "A layer that alone changes the logits by more stays in f32; 0.1 is 10 %");
  add_examples(command, {"quantize model.safetensors --calibrate images -o model8.safetensors"});
}

}  // namespace steelsight
