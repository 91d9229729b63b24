#include "pipeline/report/report.hpp"

#include "core/output_claim.hpp"
#include "core/value_checks.hpp"
#include "evaluation/comparison.hpp"
#include "pipeline/cli/command.hpp"
#include "pipeline/command/accuracy_text.hpp"
#include "pipeline/compare/comparison_text.hpp"
#include "pipeline/compare/write_comparison.hpp"
#include "pipeline/report/write_report.hpp"

namespace steelsight {

namespace {

struct ReportOptions {
  std::string predictions;
  std::string against;  // another predictions.csv of the same images; empty: none
  std::string output, log;
};

const Fields<ReportOptions>& report_fields() {
  using C = ReportOptions;
  static const Fields<C> fields(
      {
          {"predictions",
           &C::predictions,
           {"predictions", "PREDICTIONS.csv", "What classify or evaluate wrote"},
           required("PREDICTIONS.csv, what classify or evaluate wrote")},
          {"against",
           &C::against,
           {"against", "OTHER.csv",
            "The same images classified by another model, to compare with"}},
          {"output",
           &C::output,
           {"-o,--output", "DIR", "Folder for the report"},
           required("a folder for the report, -o DIR")},
          {"log", &C::log, {"--log", "LOG.csv", "A training log, for the learning curves"}},
      },
      [](C& options, const std::string&) {
        if (!options.against.empty() && !options.log.empty())
          throw ConfigError("report --log is of one PREDICTIONS.csv, expected no second one");
      });
  return fields;
}

Predictions read_rows(const std::string& file, Console& console) {
  Predictions predictions = read_predictions(file);
  const std::size_t doubles = drop_double_rows(predictions);
  if (doubles > 0)
    console.warning(file + ": " + std::to_string(doubles) +
                    (doubles == 1
                         ? " row is of an image that is there already and was left out"
                         : " rows are of images that are there already and were left out"));
  return predictions;
}

void report_one(const ReportOptions& options, Console& console) {
  const Predictions rows = read_rows(options.predictions, console);
  const Report report =
      make_report(rows, {.title = "Report on " + fs::path(options.predictions).filename().string(),
                         .training_log = options.log.empty() ? std::vector<EpochLog>{}
                                                             : read_training_log(options.log),
                         .images_date = date_of_images(rows)});
  write_report(options.output, report, read_thumbnails(report, console.stop()));
  if (report.metrics) print_accuracy(console, "overall", report.metrics->accuracy);
  console.line("report in " + options.output);
}

void report_two(const ReportOptions& options, Console& console) {
  const Comparison comparison =
      compare({options.predictions, read_rows(options.predictions, console)},
              {options.against, read_rows(options.against, console)});
  write_comparison(options.output, comparison, read_thumbnails(comparison, console.stop()));
  for (const std::string& line : comparison_lines(comparison)) console.line(line);
  console.line("comparison in " + options.output);
}

}  // namespace

void add_report(CommandLine& line) {
  CLI::App* command = add_command(
      line, "report",
      "Writes the report again from predictions.csv, also without the images; or compares two",
      report_fields().write({}), report_fields().keys(), [](const Json& json, Console& console) {
        const ReportOptions options = report_fields().read(json, "/report");
        const OutputClaim claim = claim_folder(options.output);
        if (options.against.empty())
          report_one(options, console);
        else
          report_two(options, console);
        return kDone;
      });
  add_examples(command, {"report evaluation/predictions.csv -o again --log model.log.csv",
                         "report old/predictions.csv new/predictions.csv -o compared"});
}

}  // namespace steelsight
