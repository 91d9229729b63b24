#include "pipeline/train/train_config.hpp"

#include "core/value_checks.hpp"
#include "pipeline/command/model_run.hpp"
#include "preprocessing/table_scaling.hpp"

namespace steelsight {
namespace {

constexpr std::int64_t kMostEpochs = 100000;

constexpr NamedValue<HeadMethod> kHeadMethods[] = {
    {HeadMethod::automatic, "auto"},
    {HeadMethod::gradient, "gradient"},
    {HeadMethod::least_squares, "least_squares"},
};

const Fields<PhaseConfig>& phase_fields() {
  using C = PhaseConfig;
  static const Fields<C> fields({
      {"freeze", &C::freeze},
      {"epochs", &C::epochs, {}, between(std::int64_t{0}, kMostEpochs, "0: the run's")},
      {"patience", &C::patience, {}, at_least(0, "off")},
      {"learning_rate", &C::learning_rate, {}, at_least(0, "0: the run's")},
      {"least_errors", &C::least_errors, {}, at_least(0, "always begin")},
  });
  return fields;
}

std::vector<PhaseConfig> phases_from_json(const Json& json, const std::string& path) {
  if (!json.is_array()) throw ConfigError(path + " is not a list of phases");
  std::vector<PhaseConfig> phases;
  for (const Json& phase : json)
    phases.push_back(phase_fields().read(phase, path + "/" + std::to_string(phases.size())));
  return phases;
}

void refuse_contradictions(TrainConfig& c, const std::string& path) {
  const auto require = [&](bool holds, const std::string& key, const std::string& expected) {
    if (!holds) throw ConfigError(path + "/" + key + " is there, expected " + expected);
  };
  if (c.folds == 1) throw ConfigError(path + "/folds is 1, expected 0 (off) or at least 2");
  if (c.folds == 0 ? c.fold != 0 : c.fold >= c.folds)
    throw ConfigError(path + "/fold is " + std::to_string(c.fold) + ", expected 0 to folds - 1");
  if (c.input_size != 0 && c.input_size < 16)
    throw ConfigError(path + "/input_size is " + std::to_string(c.input_size) +
                      ", expected 0 (the architecture's own) or 16 to 4096");
  require(c.folds == 0 || c.split.empty(), "split", "none together with folds");
  require(c.arch.empty() || c.from.empty(), "arch", "none with --from, which has its own");
  require(!c.arch.empty() || c.input_size == 0, "input_size",
          "none without --arch: the model has its own");
  require(!c.arch.empty() || c.weights.empty(), "weights", "none without --arch");
  require(c.phases.empty() || c.freeze.empty(), "freeze", "none together with phases");
  require(c.balance != "weights" || c.loss.class_weights.empty(), "balance",
          "none with /train/loss/class_weights");
}

}  // namespace

// Found by core/fields.hpp, which a function of the unnamed namespace would not be.
static Json to_json(const std::vector<PhaseConfig>& phases) {
  Json json = Json::array();
  for (const PhaseConfig& phase : phases) json.push_back(phase_fields().write(phase));
  return json;
}

const Fields<TrainConfig>& train_fields() {
  using C = TrainConfig;
  static const Fields<C> fields(
      {
          {"dataset",
           &C::dataset,
           {"dataset", "DATASET",
            "Class folders, files as Cr_12.bmp, train/valid/test folders, a CSV path,label, or a "
            "table of numbers"},
           required("a folder or list")},
          {"output",
           &C::output,
           {"-o,--output", "MODEL", "The model to write, a .safetensors file"},
           model_file()},
          {"report", &C::report, {"--report", "DIR", "Folder for a report on the test part"}},
          {"split", &C::split, {"--split", "FILE", "split.json to use instead of a new division"}},
          {"validation",
           &C::validation,
           {"--validation", "", "Share of images to choose the epoch on"}},
          {"test", &C::test, {"--test", "", "Share of images for the report"}},
          {"folds",
           &C::folds,
           {"--folds", "", "Divide into so many folds, test on one of them"},
           at_least(0, "off")},
          {"fold", &C::fold, {"--fold", "", "The fold to test on, 0 to folds - 1"}, at_least(0)},
          {"arch",
           &C::arch,
           {"--arch", "NAME",
            "Train vgg16-slim, vgg16, vgg16-bn, resnet50 or a SPEC.json; of a table, mlp"}},
          {"weights",
           &C::weights,
           {"--weights", "FILE",
            "Weights of --arch: Keras HDF5, or safetensors with torchvision's names"}},
          {"from",
           &C::from,
           {"--from", "MODEL",
            "A model to start from (default without --arch: the shipped model)"}},
          {"layers",
           &C::layers,
           {"--layer", "", "Layers to pool and join as features, under a new head: layer3,layer4"}},
          {"freeze",
           &C::freeze,
           {"--freeze", "LAYER",
            "Train only what follows this layer ('features': what the head reads)"}},
          {"phases",
           &C::phases,
           phases_from_json,
           {"", "",
            "A list of {freeze, epochs, patience, learning_rate, least_errors}, one for each "
            "phase"}},
          {"lower_rate",
           &C::lower_rate,
           {"", "", "Share of the rate for what begins to learn in a later phase"},
           more_than_up_to(0, 1)},
          {"head",
           &C::head,
           kHeadMethods,
           {"--head", "",
            "gradient or least_squares: how a head on frozen features is found; auto: by least "
            "squares in transfer"}},
          {"ridge",
           &C::ridge,
           {"", "", "Regularisation of least squares; 0: by leave-one-out"},
           at_least(0)},
          {"views",
           &C::views,
           {"--views", "", "Augmented views of each image at a frozen layer"},
           between(1, 1000)},
          {"cache", &C::cache, {"", "", "Folder for features at frozen layers"}},
          {"balance",
           &C::balance,
           {"--balance", "",
            "none, weights or sampler: for unequal classes; auto: weights in transfer"},
           one_of("auto", "none", "weights", "sampler")},
          {"resume", &C::resume, {"--resume", "", "Go on where the same run was stopped"}},
          {"input_size",
           &C::input_size,
           {"--input-size", "", "Side of the network's input in pixels"},
           between(0, 4096, "0: the architecture's own")},
          {"width", &C::width, {"--width", "", "vgg16-slim: share of VGG16's channels"}},
          {"dropout",
           &C::dropout,
           {"", "", "vgg16-slim: before the last layer"},
           share_below_one()},
          {"hidden",
           &C::hidden,
           {"--hidden", "", "mlp: units of each hidden layer: 8,8"},
           each(between(1, 65536))},
          {"activation",
           &C::activation,
           {"--activation", "", "mlp: behind each hidden layer: tanh"}},
          {"scaling",
           &C::scaling,
           {"--scaling", "", "Of a table: standard, minmax or none"},
           one_of("standard", "minmax", "none")},
          {"epochs",
           &C::epochs,
           {"--epochs", "", "Passes over the training part"},
           between(std::int64_t{1}, kMostEpochs)},
          batch_size_field<C>({"--batch-size", "", "Images in one step"}),
          {"patience",
           &C::patience,
           {"--patience", "", "Stop after so many epochs without a better one; 0: never"},
           at_least(0, "off")},
          {"tolerance",
           &C::tolerance,
           {"--tolerance", "",
            "Stop when the training loss falls by less than this in ten epochs; 0: never"},
           at_least(0, "off")},
          {"seed", &C::seed},
          loader_threads_field<C>(),
          {"optimizer", &C::optimizer, parse_optimizer},
          {"schedule", &C::schedule, parse_schedule},
          {"loss", &C::loss, parse_loss},
          {"augmentation", &C::augmentation, augmentation_from_json},
      },
      refuse_contradictions);
  return fields;
}

}  // namespace steelsight
