#include "pipeline/train/train_config.hpp"

#include "pipeline/command/model_run.hpp"
#include "preprocessing/table_scaling.hpp"

namespace steelsight {
namespace {

void require(bool holds, const std::string& key, const std::string& expected) {
  if (!holds) throw ConfigError("/train/" + key + " is out of range, expected " + expected);
}

void check(const TrainConfig& c) {
  require(!c.dataset.empty(), "dataset", "a folder or list");
  require(c.output.ends_with(".safetensors"), "output", "a file name that ends in .safetensors");
  require(c.epochs >= 1 && c.epochs <= 100000, "epochs", "1 to 100000");
  require(c.patience >= 0, "patience", "0 (off) or more");
  require(c.folds == 0 || c.folds >= 2, "folds", "0 (off) or at least 2");
  require(c.fold >= 0 && (c.folds == 0 ? c.fold == 0 : c.fold < c.folds), "fold", "0 to folds - 1");
  require(c.folds == 0 || c.split.empty(), "split", "none together with folds");
  require(c.input_size == 0 || (c.input_size >= 16 && c.input_size <= 4096), "input_size",
          "0 (the architecture's own) or 16 to 4096");
  require(c.dropout >= 0 && c.dropout < 1, "dropout", "0 or more and less than 1");
  require(c.arch.empty() || c.from.empty(), "arch", "none with --from, which has its own");
  require(!c.arch.empty() || c.input_size == 0, "input_size",
          "0 without --arch: the model has its own");
  require(!c.arch.empty() || c.weights.empty(), "weights", "none without --arch");
  for (const std::int64_t units : c.hidden)
    require(units >= 1 && units <= 65536, "hidden", "1 to 65536 units in each layer");
  scaling_named(c.scaling, "/train/scaling");
  require(c.tolerance >= 0, "tolerance", "0 (off) or more");
  require(c.stages.empty() || c.freeze.empty(), "freeze", "none together with stages");
  require(c.lower_rate > 0 && c.lower_rate <= 1, "lower_rate", "more than 0 and at most 1");
  require(c.head == "gradient" || c.head == "least_squares", "head", "gradient or least_squares");
  require(c.ridge > 0, "ridge", "more than 0");
  require(c.views >= 1 && c.views <= 1000, "views", "1 to 1000");
  require(c.balance == "none" || c.balance == "weights" || c.balance == "sampler", "balance",
          "none, weights or sampler");
  require(c.balance != "weights" || c.loss.class_weights.empty(), "balance",
          "none with /train/loss/class_weights");
  check_loading(c.batch_size, c.loader_threads, "/train");
}

std::vector<StageConfig> stages_from_json(const Json& json) {
  if (!json.is_array()) throw ConfigError("/train/stages is not a list of stages");
  std::vector<StageConfig> stages;
  for (const Json& part : json) {
    const std::string path = "stages/" + std::to_string(stages.size());
    JsonObject object(part, "/train/" + path);
    StageConfig stage;
    object.read("freeze", stage.freeze);
    object.read("epochs", stage.epochs);
    object.read("patience", stage.patience);
    object.read("learning_rate", stage.learning_rate);
    object.finish();
    require(stage.epochs >= 1 && stage.epochs <= 100000, path + "/epochs", "1 to 100000");
    require(stage.patience >= 0, path + "/patience", "0 (off) or more");
    require(stage.learning_rate > 0, path + "/learning_rate", "more than 0");
    stages.push_back(stage);
  }
  return stages;
}

Json to_json(const std::vector<StageConfig>& stages) {
  Json json = Json::array();
  for (const StageConfig& stage : stages)
    json.push_back({{"freeze", stage.freeze},
                    {"epochs", stage.epochs},
                    {"patience", stage.patience},
                    {"learning_rate", stage.learning_rate}});
  return json;
}

}  // namespace

TrainConfig train_config_from_json(const Json& json) {
  JsonObject object(json, "/train");
  TrainConfig c;
  object.read("dataset", c.dataset);
  object.read("output", c.output);
  object.read("report", c.report);
  object.read("split", c.split);
  object.read("validation", c.validation);
  object.read("test", c.test);
  object.read("folds", c.folds);
  object.read("fold", c.fold);
  object.read("arch", c.arch);
  object.read("weights", c.weights);
  object.read("from", c.from);
  object.read("layers", c.layers);
  object.read("freeze", c.freeze);
  if (const Json* part = object.find("stages")) c.stages = stages_from_json(*part);
  object.read("lower_rate", c.lower_rate);
  object.read("head", c.head);
  object.read("ridge", c.ridge);
  object.read("views", c.views);
  object.read("cache", c.cache);
  object.read("balance", c.balance);
  object.read("resume", c.resume);
  object.read("input_size", c.input_size);
  object.read("width", c.width);
  object.read("dropout", c.dropout);
  object.read("hidden", c.hidden);
  object.read("activation", c.activation);
  object.read("scaling", c.scaling);
  object.read("epochs", c.epochs);
  object.read("batch_size", c.batch_size);
  object.read("patience", c.patience);
  object.read("tolerance", c.tolerance);
  object.read("seed", c.seed);
  object.read("loader_threads", c.loader_threads);
  if (const Json* part = object.find("optimizer"))
    c.optimizer = parse_optimizer(*part, "/train/optimizer");
  if (const Json* part = object.find("schedule"))
    c.schedule = parse_schedule(*part, "/train/schedule");
  if (const Json* part = object.find("loss")) c.loss = parse_loss(*part, "/train/loss");
  if (const Json* part = object.find("augmentation"))
    c.augmentation = augmentation_from_json(*part, "/train/augmentation");
  object.finish();
  check(c);
  return c;
}

Json to_json(const TrainConfig& c) {
  return Json{{"dataset", c.dataset},
              {"output", c.output},
              {"report", c.report},
              {"split", c.split},
              {"validation", c.validation},
              {"test", c.test},
              {"folds", c.folds},
              {"fold", c.fold},
              {"arch", c.arch},
              {"weights", c.weights},
              {"from", c.from},
              {"layers", c.layers},
              {"freeze", c.freeze},
              {"stages", to_json(c.stages)},
              {"lower_rate", c.lower_rate},
              {"head", c.head},
              {"ridge", c.ridge},
              {"views", c.views},
              {"cache", c.cache},
              {"balance", c.balance},
              {"resume", c.resume},
              {"input_size", c.input_size},
              {"width", c.width},
              {"dropout", c.dropout},
              {"hidden", c.hidden},
              {"activation", c.activation},
              {"scaling", c.scaling},
              {"epochs", c.epochs},
              {"batch_size", c.batch_size},
              {"patience", c.patience},
              {"tolerance", c.tolerance},
              {"seed", c.seed},
              {"loader_threads", c.loader_threads},
              {"optimizer", to_json(c.optimizer)},
              {"schedule", to_json(c.schedule)},
              {"loss", to_json(c.loss)},
              {"augmentation", to_json(c.augmentation)}};
}

}  // namespace steelsight
