#include "pipeline/explore/explore_config.hpp"

#include "core/value_checks.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/command/pretrained.hpp"

namespace steelsight {
namespace {

const Fields<ExtractConfig>& network_fields() {
  using C = ExtractConfig;
  static const Fields<C> fields(
      {
          {"model",
           &C::model,
           {"--model", "MODEL", "What `train` wrote (default: the shipped model)"}},
          {"arch", &C::arch, {"--arch", "NAME", "Instead of a model: resnet50, vgg16, ..."}},
          {"weights", &C::weights, {"--weights", "FILE", "The weights of --arch"}},
          {"layers",
           &C::layers,
           {"--layer", "", "Layers to pool and join, as for extract"},
           required("a layer's name")},
          {"cache", &C::cache, {"", "", "Folder for features that are kept"}},
          batch_size_field<C>({"", "", "Images computed at once"}),
          loader_threads_field<C>(),
      },
      [](C& c, const std::string&) {
        if (c.arch.empty() != c.weights.empty())
          throw ConfigError(
              "explore takes --arch NAME and --weights FILE together, or --model MODEL");
        if (!c.model.empty() && !c.arch.empty())
          throw ConfigError("explore takes --model, or --arch and --weights, not both");
      });
  return fields;
}

const Fields<ExplorationOptions>& exploration_fields() {
  using C = ExplorationOptions;
  static const Fields<C> fields({
      {"scaling",
       &C::scaling,
       {"--scaling", "NAME", "standard or none; auto: standard for a table alone"},
       one_of("auto", "none", "standard")},
      {"components",
       &C::components,
       {"--components", "",
        "Principal components that clusters, map and neighbours see; 0: all columns"}},
      {"clusters",
       &C::clusters,
       {"--clusters", "", "Of k-means; 0: one a class, or without labels the best silhouette"}},
      {"attempts", &C::attempts, {"", "", "Of k-means, of which the best counts"}, at_least(1u)},
      {"tsne",
       &C::tsne,
       {"--tsne", "METHOD", "barnes_hut, exact or none"},
       one_of("barnes_hut", "exact", "none")},
      {"tsne_start",
       &C::tsne_start,
       {"", "", "Where the map begins: pca or random"},
       one_of("pca", "random")},
      {"perplexity",
       &C::perplexity,
       {"--perplexity", "", "Of t-SNE: about how many neighbours count"},
       at_least(1)},
      {"theta", &C::theta, {"", "", "Of Barnes-Hut t-SNE: 0 is exact, 1 coarse"}, between(0, 1)},
      {"early_exaggeration", &C::early_exaggeration, {"", "", "Of t-SNE"}, at_least(1)},
      {"iterations", &C::iterations, {"", "", "Of t-SNE"}, between(1u, 100000u)},
      {"neighbours",
       &C::neighbours,
       {"", "", "Of each image, whose labels are compared"},
       at_least(1u)},
      {"seed", &C::seed},
      {"threads", &C::threads, {}, between(0u, 256u, "0: one for every core")},
  });
  return fields;
}

}  // namespace

const Fields<ExploreConfig>& explore_fields() {
  using C = ExploreConfig;
  static const Fields<C> fields(
      {
          {"dataset",
           &C::dataset,
           {"dataset", "DATASET", "As for train, or a table; labels may be missing"},
           required("a folder, list or table, DATASET")},
          {"output",
           &C::output,
           {"-o,--output", "DIR", "Folder to write to"},
           required("where to write, -o DIR")},
          {"features",
           &C::features,
           {"--features", "WHAT",
            "Of images: model (what a network gives), pixels, or the .npy or .csv of extract"}},
          {&C::network, network_fields()},
          {&C::options, exploration_fields()},
      },
      [](C& c, const std::string&) {
        if (c.features == "model" && c.network.model.empty() && c.network.arch.empty())
          c.network.model = pretrained_model().string();
      });
  return fields;
}

}  // namespace steelsight
