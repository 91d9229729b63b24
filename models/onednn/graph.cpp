#include "models/onednn/graph.hpp"

namespace steelsight::onednn {

Graph plan(const NetworkSpec& spec, Mode mode) {
  const std::vector<LayerGraph> layers = resolve(spec);
  Graph graph{.nodes = {},
              .shapes = {spec.input},
              .readers = std::vector<std::size_t>(layers.size() + 1, 0),
              .output = 0};
  for (const LayerGraph& layer : layers) {
    graph.shapes.push_back(layer.output);
    for (const std::size_t input : layer.inputs) ++graph.readers[input];
  }
  ++graph.readers.back();

  std::vector<std::size_t> value_of(layers.size() + 1);  // after merging
  std::vector<Node*> producer(layers.size() + 1, nullptr);
  graph.nodes.reserve(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const std::size_t first = layers[i].inputs[0];
    Node* before = producer[first];
    if (before != nullptr && before->activation == nullptr && graph.readers[first] == 1 &&
        fuses_activation(mode, *before->layer, layer)) {
      before->activation = &layer;
      graph.readers[value_of[first]] = graph.readers[i + 1];
      value_of[i + 1] = value_of[first];
      continue;
    }
    Node node{&layer, nullptr, {}, i + 1};
    for (const std::size_t input : layers[i].inputs) node.inputs.push_back(value_of[input]);
    value_of[i + 1] = i + 1;
    graph.nodes.push_back(std::move(node));
    producer[i + 1] = &graph.nodes.back();
  }
  graph.output = value_of.back();
  return graph;
}

Dims batch_dims(std::int64_t batch_size, const Shape& shape) {
  if (batch_size < 1)
    throw std::invalid_argument("batch size is " + std::to_string(batch_size) +
                                ", expected 1 or more");
  Dims dims{batch_size};
  dims.insert(dims.end(), shape.begin(), shape.end());
  return dims;
}

}  // namespace steelsight::onednn
