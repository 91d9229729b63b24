#include "pipeline/train/train.hpp"

#include <algorithm>

#include "pipeline/cli/command.hpp"

namespace steelsight {
namespace {

// A run whose stages are listed has no use for the keys of a run with one: to take them silently
// would be to ignore them.
void refuse_keys_of_one_stage(const ConfigSources& sources, const TrainConfig& config) {
  if (config.stages.empty()) return;
  for (const std::string key : {"/epochs", "/patience", "/schedule/learning_rate", "/freeze"}) {
    const auto is_option = [&](const auto& option) { return option.first == key; };
    const auto is_set = [&](const std::string& set) {
      return set.starts_with("/train" + key + "=");
    };
    if (std::ranges::any_of(sources.options, is_option) ||
        std::ranges::any_of(sources.sets, is_set))
      throw ConfigError("/train" + key + " is of a run with one stage, and /train/stages lists " +
                        std::to_string(config.stages.size()) +
                        ": change those, as by --set /train/stages/0" + key.substr(key.rfind('/')) +
                        "=VALUE");
  }
}

}  // namespace

void add_train(CommandLine& line) {
  const TrainConfig defaults;
  CLI::App* command = add_command(line, "train", "Learns a model from a labelled data set",
                                  to_json(defaults), [&line](const Json& json, Console& console) {
                                    const TrainConfig config = train_config_from_json(json);
                                    refuse_keys_of_one_stage(line.sources, config);
                                    Backend backend = make_backend(line, Kernels::timed);
                                    const TrainResult result = train(backend, config, console);
                                    return result.stopped ? kInterrupt : kDone;
                                  });
  add_text(line, command, "dataset", "/dataset",
           "Class folders, files as Cr_12.bmp, train/valid/test folders, a CSV path,label, or a "
           "table of numbers")
      ->type_name("DATASET");
  add_text(line, command, "-o,--output", "/output", "The model to write, a .safetensors file")
      ->type_name("MODEL");
  add_text(line, command, "--report", "/report", "Folder for a report on the test part")
      ->type_name("DIR");
  add_text(line, command, "--arch", "/arch",
           "Train vgg16-slim, vgg16, vgg16-bn, resnet50 or a SPEC.json; of a table, mlp")
      ->type_name("NAME");
  add_text(line, command, "--from", "/from",
           "A model to start from (default without --arch: the one that comes along)")
      ->type_name("MODEL");
  add_text(line, command, "--weights", "/weights",
           "Weights of --arch: Keras HDF5, or safetensors with torchvision's names")
      ->type_name("FILE");
  add_list(line, command, "--layer", "/layers",
           "Layers to pool and join as features, under a new head: layer3,layer4");
  add_text(line, command, "--freeze", "/freeze",
           "Train only what follows this layer ('features': what the head reads)")
      ->type_name("LAYER");
  add_text(line, command, "--head", "/head",
           "gradient or least_squares: how a head on frozen features is found");
  add_number(line, command, "--views", "/views", "Augmented views of each image at a frozen layer");
  add_text(line, command, "--balance", "/balance", "none, weights or sampler: for unequal classes");
  add_switch(line, command, "--resume", "/resume", "Go on where the same run was stopped");
  add_number(line, command, "--input-size", "/input_size", "Side of the network's input in pixels");
  add_number(line, command, "--width", "/width", "vgg16-slim: share of VGG16's channels");
  add_numbers(line, command, "--hidden", "/hidden", "mlp: units of each hidden layer: 8,8");
  add_text(line, command, "--activation", "/activation", "mlp: behind each hidden layer: tanh");
  add_text(line, command, "--scaling", "/scaling", "Of a table: standard, minmax or none");
  add_number(line, command, "--epochs", "/epochs", "Passes over the training part");
  add_number(line, command, "--batch-size", "/batch_size", "Images in one step");
  add_number(line, command, "--learning-rate", "/schedule/learning_rate", "The highest one");
  add_number(line, command, "--patience", "/patience",
             "Stop after so many epochs without a better one; 0: never");
  add_number(line, command, "--tolerance", "/tolerance",
             "Stop when the training loss falls by less than this in ten epochs; 0: never");
  add_text(line, command, "--split", "/split", "split.json to use instead of a new division")
      ->type_name("FILE");
  add_number(line, command, "--validation", "/validation",
             "Share of images to choose the epoch on");
  add_number(line, command, "--test", "/test", "Share of images for the report");
  add_number(line, command, "--folds", "/folds", "Divide into so many folds, test on one of them");
  add_number(line, command, "--fold", "/fold", "The fold to test on, 0 to folds - 1");
  add_examples(command, {"train images -o model.safetensors --seed 1 --report test",
                         "train images -o slim.safetensors --arch vgg16-slim --epochs 5",
                         "train images -o slim.safetensors --arch vgg16-slim --epochs 5 --resume"});
}

}  // namespace steelsight
