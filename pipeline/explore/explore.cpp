#include "pipeline/explore/explore.hpp"

#include "core/output_claim.hpp"
#include "pipeline/command/config.hpp"
#include "pipeline/explore/exploration_report.hpp"
#include "pipeline/explore/exploration_text.hpp"
#include "pipeline/explore/load_explored_data.hpp"

namespace steelsight {

Exploration explore(Backend& backend, const ExploreConfig& config, Console& console) {
  const OutputClaim claim = claim_folder(config.output);
  const fs::path output = config.output;
  const ExploredData data = load_explored_data(backend, config, console);
  write_config(output / "config.json", "explore", explore_fields().write(config));
  Exploration found = explore_rows(data, config.options, console);
  write_exploration(output, "A look at " + fs::path(config.dataset).filename().string(), data,
                    found, console.stop());
  for (const std::string& line : exploration_lines(data, found)) console.line(line);
  console.line("all of it in " + (output / "explore.html").string());
  return found;
}

}  // namespace steelsight
