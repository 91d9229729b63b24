#include "pipeline/report/report.hpp"

#include "pipeline/accuracy_text.hpp"
#include "pipeline/cli/command.hpp"

namespace steelsight {

void add_report(CommandLine& line) {
  CLI::App* command = add_command(
      line, "report", "Writes the report again from predictions.csv, also without the images",
      Json{{"predictions", ""}, {"output", ""}, {"log", ""}},
      [](const Json& json, Console& console) {
        JsonObject object(json, "/report");
        const auto predictions = object.require<std::string>("predictions");
        const auto output = object.require<std::string>("output");
        const auto log = object.require<std::string>("log");
        object.finish();
        if (predictions.empty() || output.empty())
          throw ConfigError("report needs PREDICTIONS.csv and -o DIR");
        const Predictions rows = read_predictions(predictions);
        const Report report = make_report(
            rows, {.title = "Report on " + fs::path(predictions).filename().string(),
                   .training_log = log.empty() ? std::vector<EpochLog>{} : read_training_log(log),
                   .images_date = date_of_images(rows)});
        write_report(output, report, read_thumbnails(report));
        if (report.metrics) print_accuracy(console, "overall", report.metrics->accuracy);
        console.line("report in " + output);
        return kDone;
      });
  add_text(line, command, "predictions", "/predictions", "What classify or evaluate wrote")
      ->type_name("PREDICTIONS.csv");
  add_text(line, command, "-o,--output", "/output", "Folder for the report")->type_name("DIR");
  add_text(line, command, "--log", "/log", "A training log, for the learning curves")
      ->type_name("LOG.csv");
}

}  // namespace steelsight
