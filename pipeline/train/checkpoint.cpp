#include "pipeline/train/checkpoint.hpp"

#include <cmath>
#include <new>
#include <utility>

#include "models/error.hpp"
#include "models/safetensors.hpp"

namespace steelsight {
namespace {

constexpr const char* kMetadataKey = "steelsight.checkpoint";
constexpr const char* kParameters = "parameters/";
constexpr const char* kOptimizer = "optimizer/";
constexpr const char* kBest = "best/";

// JSON has no NaN: null stands for "not measured".
Json to_json(const EpochLog& log) {
  Json row = Json::array({log.epoch});
  for (const double value : {log.learning_rate, log.train_loss, log.train_accuracy,
                             log.validation_loss, log.validation_accuracy, log.seconds})
    row.push_back(std::isnan(value) ? Json(nullptr) : Json(value));
  return row;
}

// A fraction or 1e300 would be converted without a word.
const Json& whole(const Json& number) {
  if (!number.is_number_integer()) throw ModelError(number.dump() + " is no whole number");
  return number;
}

EpochLog log_from_json(const Json& row) {
  const auto number = [&](std::size_t column) {
    return row.at(column).is_null() ? EpochLog::kNotMeasured : row.at(column).get<double>();
  };
  return {.epoch = whole(row.at(0)).get<int>(),
          .learning_rate = number(1),
          .train_loss = number(2),
          .train_accuracy = number(3),
          .validation_loss = number(4),
          .validation_accuracy = number(5),
          .seconds = number(6)};
}

void add(TensorMap& all, const std::string& prefix, const TensorMap& part) {
  for (const auto& [name, tensor] : part) all[prefix + name] = tensor;
}

TensorMap take(TensorMap& all, const std::string& prefix) {
  TensorMap part;
  for (auto& [name, tensor] : all)
    if (name.starts_with(prefix)) part[name.substr(prefix.size())] = std::move(tensor);
  return part;
}

}  // namespace

void save_checkpoint(const fs::path& file, const Checkpoint& checkpoint) {
  Json json{{"identity", to_json(checkpoint.identity)},
            {"kernels", to_json(checkpoint.kernels)},
            {"phase", checkpoint.phase},
            {"epoch", checkpoint.epoch},
            {"log", Json::array()}};
  for (const EpochLog& row : checkpoint.log) json["log"].push_back(to_json(row));
  TensorMap tensors;
  add(tensors, kBest, checkpoint.best);
  if (checkpoint.learner) {
    add(tensors, kParameters, checkpoint.learner->parameters);
    add(tensors, kOptimizer, checkpoint.learner->optimizer);
    json["schedule"] = checkpoint.learner->schedule;
    json["unreadable"] = Json::array();
    for (const auto& [example, reason] : checkpoint.learner->unreadable)
      json["unreadable"].push_back({example, reason});
  }
  // Reasons hold file names, which may be any bytes.
  const auto replace = Json::error_handler_t::replace;
  write_safetensors(file, tensors, {{kMetadataKey, json.dump(-1, ' ', false, replace)}});
}

Checkpoint load_checkpoint(const fs::path& file) {
  SafetensorsFile content = read_safetensors(file);
  try {
    const auto text = content.metadata.find(kMetadataKey);
    if (text == content.metadata.end()) throw ModelError("has no metadata of one");
    const Json json = parse_json(text->second, "metadata");
    JsonObject object(json, "");
    Checkpoint checkpoint{
        .identity = run_identity_from_json(json.at("identity")),
        .kernels = kernel_timings_from_json(json.value("kernels", Json::object()), "/kernels"),
        .phase = object.require<std::size_t>("phase"),
        .epoch = object.require<std::int64_t>("epoch"),
        .learner = std::nullopt,
        .best = take(content.tensors, kBest)};
    for (const Json& row : json.at("log")) checkpoint.log.push_back(log_from_json(row));
    if (checkpoint.epoch < 0 || std::cmp_greater(checkpoint.epoch, checkpoint.log.size()))
      throw ModelError("it is at epoch " + std::to_string(checkpoint.epoch) + ", its log has " +
                       std::to_string(checkpoint.log.size()));
    if (!json.contains("schedule")) return checkpoint;
    checkpoint.learner = Learner::State{.parameters = take(content.tensors, kParameters),
                                        .optimizer = take(content.tensors, kOptimizer),
                                        .schedule = json.at("schedule"),
                                        .unreadable = {}};
    for (const Json& pair : object.require<std::vector<Json>>("unreadable"))
      checkpoint.learner->unreadable.emplace(whole(pair.at(0)).get<std::size_t>(),
                                             pair.at(1).get<std::string>());
    return checkpoint;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // from the JSON or the kernels
    throw ModelError(file.string() + ": is not a whole checkpoint: " + error.what());
  }
}

}  // namespace steelsight
