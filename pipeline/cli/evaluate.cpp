#include "pipeline/predict/evaluate.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_evaluate(CommandLine& line) {
  CLI::App* command =
      add_command(line, "evaluate", "Reports how good a model is on a labelled data set",
                  evaluate_fields().write({}), evaluate_fields().keys(),
                  [&line](const Json& json, Console& console) {
                    const EvaluateConfig config = evaluate_fields().read(json, "/evaluate");
                    Backend backend = make_backend(line, Kernels::timed);
                    const Report report = evaluate(backend, config, console);
                    return config.run.strict && report.n_errors > 0 ? kData : kDone;
                  });
  add_examples(command, {"evaluate images -o evaluation --model model.safetensors"});
}

}  // namespace steelsight
