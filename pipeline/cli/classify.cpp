#include "pipeline/predict/classify.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_classify(CommandLine& line) {
  CLI::App* command =
      add_command(line, "classify", "Names every image with a class and a confidence",
                  classify_fields().write({}), classify_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const ClassifyConfig config = classify_fields().read(json, "/classify");
                    Backend backend = make_backend(line, Kernels::timed);
                    const ClassifyResult result = classify(backend, config, console);
                    return config.run.strict && result.errors > 0 ? kData : kDone;
                  });
  command->add_flag_callback(
      "--explain",
      [&line] {
        line.sources.options.push_back({"/explain", "grad_cam"});
      },
      "Write pictures of where the model looked in each image (Grad-CAM)");
  add_examples(command, {"classify images 'archive/*.bmp' -o named --model model.safetensors",
                         "classify images -o named --explain"});
}

}  // namespace steelsight
