#include "pipeline/explore/explore_config.hpp"

#include "pipeline/command/model_run.hpp"
#include "pipeline/command/pretrained.hpp"

namespace steelsight {
namespace {

void require(bool is_fine, const std::string& key, const std::string& got,
             const std::string& expected) {
  if (!is_fine) throw ConfigError("/explore/" + key + " is " + got + ", expected " + expected);
}

void validate(const ExplorationOptions& o) {
  constexpr std::size_t kMostIterations = 100000, kMostThreads = 256;
  require(o.scaling == "auto" || o.scaling == "none" || o.scaling == "standard", "scaling",
          "'" + o.scaling + "'", "auto, none or standard");
  require(o.tsne == "barnes_hut" || o.tsne == "exact" || o.tsne == "none", "tsne",
          "'" + o.tsne + "'", "barnes_hut, exact or none");
  require(o.tsne_start == "pca" || o.tsne_start == "random", "tsne_start", "'" + o.tsne_start + "'",
          "pca or random");
  require(o.attempts >= 1, "attempts", "0", "1 or more");
  require(o.neighbours >= 1, "neighbours", "0", "1 or more");
  require(o.perplexity >= 1, "perplexity", std::to_string(o.perplexity), "1 or more");
  require(o.theta >= 0 && o.theta <= 1, "theta", std::to_string(o.theta), "0 to 1");
  require(o.early_exaggeration >= 1, "early_exaggeration", std::to_string(o.early_exaggeration),
          "1 or more");
  require(o.iterations >= 1 && o.iterations <= kMostIterations, "iterations",
          std::to_string(o.iterations), "1 to " + std::to_string(kMostIterations));
  require(o.threads <= kMostThreads, "threads", std::to_string(o.threads),
          "0 (one for every core) to " + std::to_string(kMostThreads));
}

void validate(ExploreConfig& c) {
  if (c.dataset.empty())
    throw ConfigError("/explore/dataset is missing: a folder, list or table, DATASET");
  if (c.output.empty()) throw ConfigError("/explore/output is missing: where to write, -o DIR");
  ExtractConfig& network = c.network;
  if (network.arch.empty() != network.weights.empty())
    throw ConfigError("explore takes --arch NAME and --weights FILE together, or --model MODEL");
  if (!network.model.empty() && !network.arch.empty())
    throw ConfigError("explore takes --model, or --arch and --weights, not both");
  if (c.features == "model" && network.model.empty() && network.arch.empty())
    network.model = pretrained_model().string();
  if (network.layers.empty())
    throw ConfigError("/explore/layers is empty, expected a layer's name");
  check_loading(network.batch_size, network.loader_threads, "/explore");
  validate(c.options);
}

}  // namespace

ExploreConfig explore_config_from_json(const Json& json) {
  JsonObject object(json, "/explore");
  ExploreConfig c;
  object.read("dataset", c.dataset);
  object.read("output", c.output);
  object.read("features", c.features);
  object.read("model", c.network.model);
  object.read("arch", c.network.arch);
  object.read("weights", c.network.weights);
  object.read("layers", c.network.layers);
  object.read("cache", c.network.cache);
  object.read("batch_size", c.network.batch_size);
  object.read("loader_threads", c.network.loader_threads);
  object.read("scaling", c.options.scaling);
  object.read("components", c.options.components);
  object.read("clusters", c.options.clusters);
  object.read("attempts", c.options.attempts);
  object.read("tsne", c.options.tsne);
  object.read("tsne_start", c.options.tsne_start);
  object.read("perplexity", c.options.perplexity);
  object.read("theta", c.options.theta);
  object.read("early_exaggeration", c.options.early_exaggeration);
  object.read("iterations", c.options.iterations);
  object.read("neighbours", c.options.neighbours);
  object.read("seed", c.options.seed);
  object.read("threads", c.options.threads);
  object.finish();
  validate(c);
  return c;
}

Json to_json(const ExploreConfig& c) {
  return Json{{"dataset", c.dataset},
              {"output", c.output},
              {"features", c.features},
              {"model", c.network.model},
              {"arch", c.network.arch},
              {"weights", c.network.weights},
              {"layers", c.network.layers},
              {"cache", c.network.cache},
              {"batch_size", c.network.batch_size},
              {"loader_threads", c.network.loader_threads},
              {"scaling", c.options.scaling},
              {"components", c.options.components},
              {"clusters", c.options.clusters},
              {"attempts", c.options.attempts},
              {"tsne", c.options.tsne},
              {"tsne_start", c.options.tsne_start},
              {"perplexity", c.options.perplexity},
              {"theta", c.options.theta},
              {"early_exaggeration", c.options.early_exaggeration},
              {"iterations", c.options.iterations},
              {"neighbours", c.options.neighbours},
              {"seed", c.options.seed},
              {"threads", c.options.threads}};
}

}  // namespace steelsight
