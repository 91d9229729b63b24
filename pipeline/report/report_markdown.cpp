#include "pipeline/report/report_markdown.hpp"

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <stdexcept>
#include <string_view>

#include "datasets/utf8.hpp"
#include "evaluation/number_text.hpp"
#include "pipeline/report/page.hpp"
#include "pipeline/report/report_text.hpp"

namespace steelsight {
namespace {

using kainjow::mustache::data;

constexpr std::size_t kMostImages = 50;
constexpr std::size_t kMostColumns = 20;  // classes in the table of the confusion matrix

constexpr const char* kTemplate = R"(# {{title}}

{{#seen}}
**{{sentence}}**

{{/seen}}
{{#scored}}
**Accuracy{{on_all}} {{accuracy}}** ({{correct}} of {{n}} images; 95 % interval {{low}} to {{high}}).
{{/scored}}
{{^scored}}
No image has a label, so there is no accuracy: below is what was predicted.
{{/scored}}

{{n_images}} images: {{n}} with a label and scored, {{n_unlabelled}} without a label, {{n_errors}} unreadable{{n_unknown}}.
{{#seen}}

| images | all | scored | correct | accuracy | 95 % interval |
|---|--:|--:|--:|--:|--:|
{{#parts}}
| {{name}} | {{n_images}} | {{n}} | {{correct}} | {{accuracy}} | {{interval}} |
{{/parts}}
{{/seen}}
{{#scored}}

## Per class

| class | precision | recall | F1 | images | predicted |
|---|--:|--:|--:|--:|--:|
{{#classes}}
| {{name}} | {{precision}} | {{recall}} | {{f1}} | {{support}} | {{predicted}} |
{{/classes}}
| *mean of the classes (macro)* | {{macro_precision}} | {{macro_recall}} | {{macro_f1}} | | |
| *mean of the images (weighted)* | {{weighted_precision}} | {{weighted_recall}} | {{weighted_f1}} | {{n}} | {{n}} |
{{#has_undefined}}

Where a class has no images its recall, and where it was never predicted its precision, is not defined and counted as 0. The mean of the classes leaves out classes with neither.
{{/has_undefined}}
{{#has_unknown}}

The model has no class for these labels, so that their images are counted as wrong: {{unknown}}.
{{/has_unknown}}

| measure | value |
|---|--:|
| balanced accuracy | {{balanced_accuracy}} |
| top-2 accuracy | {{top2_accuracy}} |
| Cohen's kappa | {{kappa}} |
| Matthews correlation | {{matthews}} |
| log loss | {{log_loss}} |

## Confusion matrix

![Confusion matrix](confusion_matrix.png)
{{#matrix}}

| true \\ predicted |{{#columns}} {{name}} |{{/columns}}
|---|{{#columns}}--:|{{/columns}}
{{#rows}}
| {{name}} |{{#cells}} {{count}} |{{/cells}}
{{/rows}}
{{/matrix}}
{{#has_pairs}}

### Most confused

| true | predicted | images | of the true class |
|---|---|--:|--:|
{{#pairs}}
| {{truth}} | {{predicted}} | {{n}} | {{share}} |
{{/pairs}}
{{more_pairs}}
{{/has_pairs}}
{{/scored}}
{{#calibration}}

## Calibration

Expected calibration error on {{n}} images: {{before}} as the network gives it, {{after}} with the model's temperature of {{temperature}}.
{{#accepted}}

{{accepted}}
{{/accepted}}
{{/calibration}}

## Predictions

| class | images | mean confidence |
|---|--:|--:|
{{#predicted}}
| {{name}} | {{n}} | {{confidence}} |
{{/predicted}}
{{#has_wrong}}

## Wrong images

The most confident first.

| image | true | predicted | confidence |{{#seen}} seen |{{/seen}}
|---|---|---|--:|{{#seen}}---|{{/seen}}
{{#wrong}}
| {{path}} | {{truth}} | {{predicted}} | {{confidence}} |{{#seen}} {{seen_name}} |{{/seen}}
{{/wrong}}
{{more_wrong}}
{{/has_wrong}}
{{#has_unreadable}}

## Unreadable images

| image | error |
|---|---|
{{#unreadable}}
| {{path}} | {{error}} |
{{/unreadable}}
{{more_unreadable}}
{{/has_unreadable}}
{{#curves}}

## Training

![Learning curves](learning_curves.png)
{{/curves}}
{{#has_model}}

## Model

| | |
|---|---|
{{#model}}
| {{key}} | {{value}} |
{{/model}}
{{/has_model}}
)";

bool is_alphanumeric(unsigned char c) {
  return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The first `most` items, each as `make` gives it.
template <class T, class Make>
data first_of(const std::vector<T>& items, std::size_t most, Make make) {
  data list{data::type::list};
  for (std::size_t i = 0; i < std::min(items.size(), most); ++i) list.push_back(make(items[i]));
  return list;
}

std::string more_text(std::size_t items, std::size_t most) {
  return items <= most ? "" : "\nand " + number_text(items - most) + " more, in report.json.\n";
}

data named(const std::string& name) {
  return data{"name", markdown_text(name)};
}

data seen_data(const Report& report) {
  const auto row = [](const std::string& name, std::size_t n_images, const Accuracy& accuracy) {
    data result = named(name);
    result.set("n_images", number_text(n_images));
    result.set("n", number_text(accuracy.n));
    result.set("correct", number_text(accuracy.correct));
    result.set("accuracy", accuracy.n > 0 ? percent_text(accuracy.value()) : "");
    result.set("interval", accuracy.n > 0 ? interval_text(accuracy.interval()) : "");
    return result;
  };
  data parts{data::type::list};
  for (const SeenPart& part : report.seen)
    parts.push_back(row(seen_name(part.seen), part.n_images, part.accuracy));
  parts.push_back(
      row("all", report.n_images, report.metrics ? report.metrics->accuracy : Accuracy{}));
  data result{"sentence", seen_sentence(report)};
  result.set("parts", parts);
  return result;
}

data class_data(const ClassMetrics& item) {
  data row = named(item.name);
  row.set("precision", percent_text(item.precision));
  row.set("recall", percent_text(item.recall));
  row.set("f1", percent_text(item.f1));
  row.set("support", number_text(item.support));
  row.set("predicted", number_text(item.predicted));
  return row;
}

data matrix_data(const Metrics& metrics) {
  data rows{data::type::list};
  for (std::size_t t = 0; t < metrics.classes.size(); ++t) {
    data row = named(metrics.classes[t]);
    row.set("cells", first_of(metrics.confusion[t], kMostColumns, [](std::size_t count) {
              return data{"count", number_text(count)};
            }));
    rows.push_back(row);
  }
  data matrix{"rows", rows};
  matrix.set("columns", first_of(metrics.classes, kMostColumns, named));
  return matrix;
}

data scored_data(const Report& report) {
  const Metrics& metrics = *report.metrics;
  const Interval interval = metrics.accuracy.interval();
  data result{"accuracy", percent_text(metrics.accuracy.value())};
  result.set("on_all", knows_seen_images(report) ? " on all images, also those it has seen:" : "");
  result.set("correct", number_text(metrics.accuracy.correct));
  result.set("low", percent_text(interval.low));
  result.set("high", percent_text(interval.high));
  result.set("classes", first_of(metrics.per_class, metrics.per_class.size(), class_data));
  set_averages(result, "macro", metrics.macro);
  set_averages(result, "weighted", metrics.weighted);
  result.set("has_undefined", std::any_of(metrics.per_class.begin(), metrics.per_class.end(),
                                          [](const ClassMetrics& item) {
                                            return item.support == 0 || item.predicted == 0;
                                          }));
  const std::string unknown = markdown_text(unknown_labels(report));
  result.set("has_unknown", !unknown.empty());
  result.set("unknown", unknown);
  result.set("balanced_accuracy", percent_text(metrics.balanced_accuracy));
  result.set("top2_accuracy", percent_text(metrics.top2_accuracy));
  result.set("kappa", metrics.cohens_kappa ? fixed_text(*metrics.cohens_kappa, 3) : "not defined");
  result.set("matthews", fixed_text(metrics.matthews_correlation, 3));
  result.set("log_loss", fixed_text(metrics.log_loss, 4));
  if (metrics.classes.size() <= kMostColumns) result.set("matrix", matrix_data(metrics));
  return result;
}

data calibration_data(const CalibrationReport& calibration) {
  data result{"n", number_text(calibration.n)};
  result.set("before", percent_text(calibration.ece_before, 2));
  result.set("after", percent_text(calibration.ece_after, 2));
  result.set("temperature", fixed_text(calibration.temperature, 3));
  if (calibration.accepted) result.set("accepted", accepted_sentence(*calibration.accepted));
  return result;
}

void set_lists(data& page, const Report& report) {
  page.set("has_pairs", !report.most_confused.empty());
  page.set("pairs", first_of(report.most_confused, kMostPairs, [](const ConfusedPair& pair) {
             data row{"truth", markdown_text(pair.truth)};
             row.set("predicted", markdown_text(pair.predicted));
             row.set("n", number_text(pair.n));
             row.set("share",
                     percent_text(static_cast<double>(pair.n) / static_cast<double>(pair.support)));
             return row;
           }));
  page.set("more_pairs", more_text(report.most_confused.size(), kMostPairs));
  page.set("predicted",
           first_of(report.predicted, report.predicted.size(), [](const PredictedCount& count) {
             data row = named(count.name);
             row.set("n", number_text(count.n));
             row.set("confidence", count.n > 0 ? percent_text(count.mean_confidence) : "");
             return row;
           }));
  page.set("has_wrong", !report.wrong.empty());
  page.set("wrong", first_of(report.wrong, kMostImages, [](const WrongImage& image) {
             data row{"path", markdown_text(image.path)};
             row.set("truth", markdown_text(image.truth));
             row.set("predicted", markdown_text(image.predicted));
             row.set("confidence", percent_text(static_cast<double>(image.confidence)));
             row.set("seen_name", image.seen ? seen_name(*image.seen) : "");
             return row;
           }));
  page.set("more_wrong", more_text(report.wrong.size(), kMostImages));
  page.set("has_unreadable", !report.unreadable.empty());
  page.set("unreadable", first_of(report.unreadable, kMostImages, [](const UnreadableImage& image) {
             data row{"path", markdown_text(image.path)};
             row.set("error", markdown_text(image.error));
             return row;
           }));
  page.set("more_unreadable", more_text(report.unreadable.size(), kMostImages));
}

data model_data(const Json& model) {
  data rows{data::type::list};
  for (const auto& [key, value] : model_facts(model)) {
    data row{"key", markdown_text(key)};
    row.set("value", markdown_text(value));
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::string markdown_text(const std::string& text) {
  constexpr std::string_view kSpecial = "\\`*[]<>|&~$#";
  const std::string source = to_utf8(text);
  std::string result;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    // An underscore inside a word means nothing: pitted_surface stays as it is.
    const bool emphasises =
        c == '_' && !(i > 0 && i + 1 < source.size() &&
                      is_alphanumeric(static_cast<unsigned char>(source[i - 1])) &&
                      is_alphanumeric(static_cast<unsigned char>(source[i + 1])));
    if (emphasises || kSpecial.find(c) != std::string_view::npos) result += '\\';
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return result;
}

std::string report_markdown(const Report& report) {
  data page{"title", markdown_text(report.title)};
  page.set("n_images", number_text(report.n_images));
  page.set("n", number_text(report.metrics ? report.metrics->accuracy.n : 0));
  page.set("n_unlabelled", number_text(report.n_unlabelled));
  page.set("n_errors", number_text(report.n_errors));
  page.set("n_unknown",
           report.n_unknown == 0 ? "" : ", " + number_text(report.n_unknown) + " called unknown");
  if (report.calibration) page.set("calibration", calibration_data(*report.calibration));
  if (!report.seen.empty()) page.set("seen", seen_data(report));
  if (report.metrics) page.set("scored", scored_data(report));
  set_lists(page, report);
  page.set("curves", !report.training_log.empty());
  page.set("has_model", report.model.is_object() && !report.model.empty());
  if (report.model.is_object()) page.set("model", model_data(report.model));

  kainjow::mustache::mustache document{kTemplate};
  document.set_custom_escape([](const std::string& text) { return text; });  // it is not HTML
  std::string text = document.render(page);
  if (!document.is_valid()) throw std::logic_error("report_markdown: " + document.error_message());
  // Parts that are absent leave their blank lines.
  while (text.ends_with("\n\n")) text.pop_back();
  for (std::size_t at = 0; (at = text.find("\n\n\n", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

}  // namespace steelsight
