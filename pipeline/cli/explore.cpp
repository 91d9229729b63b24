#include "pipeline/explore/explore.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_explore(CommandLine& line) {
  CLI::App* command = add_command(
      line, "explore", "A look at a data set before any label is trusted",
      explore_fields().write({}), explore_fields().keys(), [&line](Json json, Console& console) {
        if (line.threads != 0) json["threads"] = line.threads;
        const ExploreConfig config = explore_fields().read(json, "/explore");
        Backend backend = make_backend(line, Kernels::direct);
        explore(backend, config, console);
        return kDone;
      });
  add_notes(command,
            "Principal components, k-means clusters, a t-SNE map whose points show their images, "
            "samples\n"
            "of each class, and images whose neighbours disagree with their label. Labels may be "
            "missing.");
  add_examples(command, {"explore images -o explored", "explore table.csv -o explored"});
}

}  // namespace steelsight
