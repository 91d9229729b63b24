#include "pipeline/distill/distill.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_distill(CommandLine& line) {
  CLI::App* command = add_command(
      line, "distill", "Trains a small network to see what a large one sees, without labels",
      distill_fields().write({}), distill_fields().keys(),
      [&line](const Json& json, Console& console) {
        const DistillConfig config = distill_fields().read(json, "/distill");
        Backend backend = make_backend(line, Kernels::timed);
        return distill(backend, config, console).stopped ? kInterrupt : kDone;
      });
  add_option(
      line, command,
      {"/schedule/learning_rate", ValueKind::number, {"--learning-rate", "", "The highest one"}});
  add_examples(command,
               {"distill images --teacher model.safetensors --arch vgg16-slim --width 0.125 "
                "--epochs 3 -o backbone.safetensors",
                "train images --from backbone.safetensors --head least_squares "
                "-o fast.safetensors"});
}

}  // namespace steelsight
