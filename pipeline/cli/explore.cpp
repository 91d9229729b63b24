#include "pipeline/explore/explore.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_explore(CommandLine& line) {
  CLI::App* command =
      add_command(line, "explore", "A look at a data set before any label is trusted",
                  to_json(ExploreConfig{}), [&line](Json json, Console& console) {
                    if (line.threads != 0) json["threads"] = line.threads;
                    const ExploreConfig config = explore_config_from_json(json);
                    Backend backend = make_backend(line, Kernels::direct);
                    explore(backend, config, console);
                    return kDone;
                  });
  command->footer(
      "Principal components, k-means clusters, a t-SNE map whose points show their images, "
      "samples\n"
      "of each class, and images whose neighbours disagree with their label. Labels may be "
      "missing.");
  add_text(line, command, "dataset", "/dataset", "As for train, or a table; labels may be missing")
      ->type_name("DATASET");
  add_text(line, command, "-o,--output", "/output", "Folder to write to")->type_name("DIR");
  add_text(line, command, "--features", "/features",
           "Of images: model (what a network gives), pixels, or the .npy or .csv of extract")
      ->type_name("WHAT");
  add_text(line, command, "--model", "/model",
           "What `train` wrote (default: the one that comes along)")
      ->type_name("MODEL");
  add_text(line, command, "--arch", "/arch", "Instead of a model: resnet50, vgg16, ...")
      ->type_name("NAME");
  add_text(line, command, "--weights", "/weights", "The weights of --arch")->type_name("FILE");
  add_list(line, command, "--layer", "/layers", "Layers to pool and join, as for extract");
  add_text(line, command, "--scaling", "/scaling",
           "standard or none; auto: standard for a table alone")
      ->type_name("NAME");
  add_number(line, command, "--components", "/components",
             "Principal components that clusters, map and neighbours see; 0: all columns");
  add_number(line, command, "--clusters", "/clusters",
             "Of k-means; 0: one a class, or without labels the best silhouette");
  add_text(line, command, "--tsne", "/tsne", "barnes_hut, exact or none")->type_name("METHOD");
  add_number(line, command, "--perplexity", "/perplexity",
             "Of t-SNE: about how many neighbours count");
  add_examples(command, {"explore images -o explored", "explore table.csv -o explored"});
}

}  // namespace steelsight
