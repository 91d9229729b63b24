#include "pipeline/check/check.hpp"

#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_check(CommandLine& line) {
  CLI::App* command = add_command(
      line, "check", "Says what is wrong with a data set before anybody trusts it",
      check_fields().write({}), check_fields().keys(), [&line](Json json, Console& console) {
        if (line.threads != 0) json["threads"] = line.threads;
        const CheckConfig config = check_fields().read(json, "/check");
        if (config.output.empty()) console.must_arrive();
        return check(config, console).serious() ? kData : kDone;
      });
  add_notes(
      command,
      "Looks for unreadable images, byte-identical ones and near-duplicates, copies with "
      "different\n"
      "labels or in different parts, unbalanced classes, mixed sizes and images of one colour.\n"
      "Exits with 3 if images or folders can't be read, a class can't be learned, or copies or "
      "groups\n"
      "are divided by label or part.\n"
      "With very many images, --set /check/near_duplicates=false saves the longest step.");
  add_examples(command, {"check images -o checked", "check images --split model.split.json"});
}

}  // namespace steelsight
