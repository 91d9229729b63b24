#include "pipeline/search/search.hpp"

#include "core/atomic_file.hpp"
#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_search(CommandLine& line) {
  CLI::App* command = add_command(
      line, "search", "Trains with every setting of a grid on several folds, and compares",
      to_json(SearchConfig{}), search_fields().keys(), [&line](Json json, Console& console) {
        Json& grid = json["grid"];
        if (grid.is_string()) {  // a file, from the command line; a configuration holds the grid
          const std::string file = grid.get<std::string>();
          grid = parse_json(read_file(file), file);
        }
        if (line.threads != 0) json["parallel"] = line.threads;
        const KernelConfig kernels = kernel_config(line, Kernels::timed);
        return search(search_config_from_json(json), console, kernels).stopped ? kInterrupt : kDone;
      });
  add_notes(
      command,
      "GRID holds every combination of some values, keys as in the section `train`:\n"
      "  {\"grid\": {\"/schedule/learning_rate\": [1e-3, 2e-3], \"/dropout\": [0, 0.2]}}\n"
      "or draws at random:\n"
      "  {\"random\": {\"/schedule/learning_rate\": {\"log_uniform\": [1e-4, 1e-1]},\n"
      "              \"/dropout\": {\"uniform\": [0, 0.5]}, \"/batch_size\": {\"choice\": [8, "
      "16]}},\n"
      "   \"trials\": 20}\n"
      "What all trials share is set by --set /search/train/epochs=15. Each run is on one thread;\n"
      "--threads is how many run at once. Stopped, the same command goes on.");
  add_option(line, command, {"/train/epochs", ValueKind::number, {"--epochs", "", "Of each run"}});
  add_option(
      line, command,
      {"/train/input_size", ValueKind::number, {"--input-size", "", "As for train, of each run"}});
  add_examples(command, {"search images -o search --grid grid.json --folds 3"});
}

}  // namespace steelsight
