#include "pipeline/train/train.hpp"

#include <algorithm>

#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

// A run with a list `phases` does not use the keys of a run with one phase. Taking them silently
// would be ignoring them.
void refuse_keys_of_one_phase(const ConfigSources& sources, const TrainConfig& config) {
  if (config.phases.empty()) return;
  for (const std::string key : {"/epochs", "/patience", "/schedule/learning_rate", "/freeze"}) {
    const auto is_option = [&](const auto& option) { return option.first == key; };
    const auto is_set = [&](const std::string& set) {
      return set.starts_with("/train" + key + "=");
    };
    if (std::ranges::any_of(sources.options, is_option) ||
        std::ranges::any_of(sources.sets, is_set))
      throw ConfigError("/train" + key + " is of a run with one phase, and /train/phases lists " +
                        std::to_string(config.phases.size()) +
                        ": change those, as by --set /train/phases/0" + key.substr(key.rfind('/')) +
                        "=VALUE");
  }
}

}  // namespace

void add_train(CommandLine& line) {
  CLI::App* command = add_command(line, "train", "Learns a model from a labelled data set",
                                  train_fields().write({}), train_fields().keys(),
                                  [&line](const Json& json, Console& console) {
                                    const TrainConfig config = train_fields().read(json, "/train");
                                    refuse_keys_of_one_phase(line.sources, config);
                                    Backend backend = make_backend(line, Kernels::timed);
                                    const TrainResult result = train(backend, config, console);
                                    return result.stopped ? kInterrupt : kDone;
                                  });
  add_option(
      line, command,
      {"/schedule/learning_rate", ValueKind::number, {"--learning-rate", "", "The highest one"}});
  add_examples(command, {"train images -o model.safetensors --seed 1 --report test",
                         "train images -o slim.safetensors --arch vgg16-slim --epochs 5",
                         "train images -o slim.safetensors --arch vgg16-slim --epochs 5 --resume"});
}

}  // namespace steelsight
