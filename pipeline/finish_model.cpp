#include "pipeline/finish_model.hpp"

#include <map>

#include "models/surgery.hpp"
#include "preprocessing/loader.hpp"

namespace steelsight {
namespace {

// Generator of the choice, below the seed.
constexpr std::uint64_t kChoice = 96;

std::vector<std::size_t> choose(const std::vector<int>& labels, const FinishOptions& options) {
  std::vector<std::size_t> order(labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random(options.seed).child(kChoice).shuffle(order);
  std::map<int, std::size_t> taken;
  std::erase_if(order, [&](std::size_t i) { return ++taken[labels[i]] > options.per_class; });
  return order;
}

}  // namespace

void finish_model(Backend& backend, Model& model, const LabelledImages& train,
                  const FinishOptions& options, Console& console) {
  model.memory = {};
  if (head_of(model.spec).empty() || features_layer(model.spec) == "input") return;
  const std::string layer = features_layer(model.spec);
  const NetworkSpec trunk = trunk_of(model.spec, layer);
  const Preprocessing preprocessing = preprocessing_from_json(model.preprocessing);
  constexpr std::size_t kBatch = 8;
  InferenceNetwork network(backend, trunk, parameters_of(trunk, model.parameters),
                           {.batch_size = kBatch});
  model.memory.layer = layer;
  model.memory.dimension = element_count(network.output_shape());
  const auto floats = static_cast<std::size_t>(model.memory.dimension);
  Loader loader(train.paths, preprocessing, {.batch_size = kBatch});
  loader.start(choose(train.labels, options), Random(0));
  std::vector<float> rows;
  while (const std::optional<Batch> batch = loader.next()) {
    rows.resize(batch->items.size() * floats);
    network.run(batch->planes, static_cast<std::int64_t>(batch->items.size()), rows);
    for (std::size_t i = 0; i < batch->items.size(); ++i)
      if (batch->errors[i].empty())
        model.memory.add({rows.data() + i * floats, floats}, train.labels[batch->items[i]]);
  }
  console.line("remembers " + std::to_string(model.memory.size()) + " features of " + layer);
}

}  // namespace steelsight
