#include "pipeline/report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "pipeline/report/report_json.hpp"
#include "pipeline/report/report_markdown.hpp"
#include "pipeline/report/write_report.hpp"
#include "tests/temporary_folder.hpp"

namespace steelsight::report_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAreArray;

Prediction row(const std::string& path, const std::string& label, const std::string& prediction,
               float confidence) {
  const float rest = 1 - confidence;
  return {path,
          label,
          prediction,
          confidence,
          prediction == "Cr" ? std::vector{confidence, rest} : std::vector{rest, confidence},
          ""};
}

Predictions example() {
  return {{"Cr", "In"},
          {row("1.bmp", "Cr", "Cr", 0.75f),
           row("2.bmp", "Cr", "In", 0.625f),
           row("3.bmp", "In", "Cr", 0.875f),
           row("4.bmp", "In", "In", 1),
           row("5.bmp", "", "In", 0.5f),
           row("6.bmp", "Cr", "In", 0.625f),
           {"7.bmp", "In", "", 0, {}, "truncated"}}};
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Report, CountsEveryRowOnce) {
  const Report report = make_report(example());
  EXPECT_EQ(report.n_images, 7u);
  EXPECT_EQ(report.n_unlabelled, 1u);
  EXPECT_EQ(report.n_errors, 1u);
  EXPECT_EQ(report.metrics->accuracy.n, 5u);
  EXPECT_EQ(report.metrics->accuracy.correct, 2u);
  EXPECT_EQ(report.predicted[1].n, 4u);  // also the one without label
  EXPECT_DOUBLE_EQ(report.predicted[1].mean_confidence, (0.625 + 1 + 0.5 + 0.625) / 4);
}

TEST(Report, UnknownImagesAreCountedButNotScored) {
  Predictions predictions = example();
  predictions.rows[0].prediction = kUnknown;  // it was right
  predictions.rows[4].prediction = kUnknown;  // without label
  const Report report = make_report(predictions);
  EXPECT_EQ(report.n_images, 7u);
  EXPECT_EQ(report.n_unknown, 2u);
  EXPECT_EQ(report.n_unlabelled, 0u);
  EXPECT_EQ(report.metrics->accuracy.n, 4u);
  EXPECT_EQ(report.metrics->accuracy.correct, 1u);
}

TEST(Report, ListsTheImagesBehindTheErrors) {
  const Report report = make_report(example());
  ASSERT_EQ(report.wrong.size(), 3u);
  EXPECT_EQ(report.wrong[0].path, "3.bmp");  // the most confident
  EXPECT_EQ(report.wrong[1].path, "2.bmp");
  EXPECT_EQ(report.wrong[2].path, "6.bmp");
  EXPECT_FALSE(report.wrong[0].seen);
  ASSERT_EQ(report.unreadable.size(), 1u);
  EXPECT_EQ(report.unreadable[0].error, "truncated");
  ASSERT_EQ(report.most_confused.size(), 2u);
  EXPECT_EQ(report.most_confused[0].truth, "Cr");
  EXPECT_EQ(report.most_confused[0].n, 2u);
  EXPECT_EQ(report.most_confused[0].support, 3u);
}

TEST(Report, SeparatesWhatTheModelHasSeen) {
  const Report report =
      make_report(example(), {.seen = {Seen::unseen, Seen::trained, Seen::unseen, Seen::validated,
                                       Seen::trained, Seen::trained, Seen::unseen}});
  ASSERT_EQ(report.seen.size(), 3u);
  EXPECT_EQ(report.seen[0].n_images, 3u);
  EXPECT_EQ(report.seen[0].accuracy.n, 2u);
  EXPECT_EQ(report.seen[0].accuracy.correct, 1u);
  EXPECT_EQ(report.seen[1].n_images, 3u);
  EXPECT_EQ(report.seen[1].accuracy.n, 2u);
  EXPECT_EQ(report.seen[1].accuracy.correct, 0u);
  EXPECT_EQ(report.seen[2].accuracy.correct, 1u);
  EXPECT_EQ(report.wrong[1].seen, Seen::trained);
  EXPECT_THAT(
      report_markdown(report),
      HasSubstr("**3 of 7 images were used to train this model and 1 to choose it; accuracy "
                "on the 2 it has never seen: 50.0 %"));
  const Json json = report_json(report);
  EXPECT_EQ(json.at("seen").at("unseen").at("accuracy"), 0.5);
  EXPECT_EQ(json.at("wrong")[0].at("seen"), "unseen");
}

TEST(Report, SaysSoIfNothingOrEverythingWasSeen) {
  const auto markdown = [](Seen seen) {
    return report_markdown(make_report(example(), {.seen = std::vector<Seen>(7, seen)}));
  };
  EXPECT_THAT(markdown(Seen::unseen), HasSubstr("None of these images was used"));
  EXPECT_THAT(markdown(Seen::trained), HasSubstr("none of the scored images is new"));
  EXPECT_THAT(report_markdown(make_report(example())), Not(HasSubstr("used to train")));
  const Json json =
      report_json(make_report(example(), {.seen = std::vector<Seen>(7, Seen::trained)}));
  EXPECT_TRUE(json.at("seen").at("unseen").at("accuracy").is_null());
}

TEST(Report, SaysFromWhichConfidenceOnErrorsAreRare) {
  const Report report = make_report(example());
  EXPECT_EQ(report.judged.size(), 5u);
  ASSERT_EQ(report.thresholds.size(), 7u);
  EXPECT_EQ(report.thresholds[0].max_error, 0);
  EXPECT_EQ(report.thresholds[0].acceptance->accepted, 1u);  // the one with confidence 1
  EXPECT_EQ(report.thresholds[6].acceptance->threshold, 1);
  const Json json = report_json(report);
  EXPECT_EQ(json.at("thresholds")[0], Json({{"max_error", 0.0},
                                            {"threshold", 1.0},
                                            {"n_accepted", 1},
                                            {"coverage", 0.2},
                                            {"n_wrong", 0},
                                            {"error", 0.0}}));
  EXPECT_EQ(json.at("confidence_bins").size(), 15u);
  EXPECT_EQ(json.at("confidence_bins")[14].at("n"), 1);
  EXPECT_TRUE(json.at("confidence_bins")[0].at("mean_confidence").is_null());
}

TEST(ReportJson, ARateThatNoThresholdReachesHasNoThreshold) {
  const Json json = report_json(make_report({{"Cr", "In"}, {row("1.bmp", "Cr", "In", 1)}}));
  EXPECT_EQ(json.at("thresholds")[0], Json({{"max_error", 0.0}}));
}

TEST(Report, RefusesSeenOfAnotherLength) {
  EXPECT_THROW(make_report(example(), {.seen = {Seen::unseen}}), std::invalid_argument);
}

TEST(ReportJson, HasTheDocumentedKeys) {
  const Json json = report_json(make_report(example(), {.model = {{"file", "m.safetensors"}}}));
  EXPECT_EQ(json.at("n"), 5);
  EXPECT_EQ(json.at("accuracy"), 0.4);
  EXPECT_EQ(json.at("accuracy_ci95").size(), 2u);
  EXPECT_EQ(json.at("classes"), Json({"Cr", "In"}));
  EXPECT_EQ(json.at("confusion_matrix"), Json({{1, 2}, {1, 1}}));
  EXPECT_EQ(json.at("per_class")[0].at("class"), "Cr");
  EXPECT_EQ(json.at("per_class")[0].at("support"), 3);
  EXPECT_EQ(json.at("per_class")[0].at("precision"), 0.5);
  EXPECT_EQ(json.at("model").at("file"), "m.safetensors");
  for (const char* key : {"macro", "weighted"})
    for (const char* measure : {"precision", "recall", "f1"})
      EXPECT_TRUE(json.at(key).at(measure).is_number()) << key;
  for (const char* key :
       {"balanced_accuracy", "cohens_kappa", "matthews_correlation", "top2_accuracy", "log_loss"})
    EXPECT_TRUE(json.at(key).is_number()) << key;
  EXPECT_EQ(json.at("wrong")[0],
            Json({{"path", "3.bmp"}, {"true", "In"}, {"predicted", "Cr"}, {"confidence", 0.875}}));
}

TEST(Report, WithoutLabelsOrRowsHasNoMetricsAndNoNaN) {
  Predictions predictions = example();
  for (Prediction& prediction : predictions.rows) prediction.label.clear();
  for (const bool is_empty : {false, true}) {
    if (is_empty) predictions.rows.clear();
    const Report report = make_report(predictions);
    EXPECT_FALSE(report.metrics);
    const Json json = report_json(report);
    EXPECT_FALSE(json.contains("accuracy"));
    EXPECT_EQ(json.at("n"), 0);
    EXPECT_EQ(json.at("predicted")[0].at("n"), is_empty ? 0 : 2);
    EXPECT_EQ(json.at("predicted")[0].at("mean_confidence").is_null(), is_empty);
    EXPECT_THAT(report_markdown(report), HasSubstr("No image has a label"));
    EXPECT_THAT(report_markdown(report), Not(HasSubstr("nan")));
  }
}

TEST(WriteReport, WritesEveryFile) {
  const TemporaryFolder folder;
  EpochLog epoch;
  write_report(folder / "new", make_report(example(), {.training_log = {epoch}}));
  std::vector<std::string> expected = {"confusion_matrix.csv", "per_class.csv", "report.html",
                                       "report.json", "report.md"};
  for (const char* figure : {"confidences", "confusion_matrix", "coverage", "learning_curves",
                             "precision_recall_curves", "reliability", "roc_curves"})
    for (const char* extension : {".pdf", ".png", ".svg"})
      expected.push_back(std::string(figure) + extension);
  EXPECT_THAT(files_in(folder / "new"), UnorderedElementsAreArray(expected));
  EXPECT_EQ(read_file(folder / "new/confusion_matrix.csv"),
            "true\\predicted,Cr,In\nCr,1,2\nIn,1,1\n");
  EXPECT_THAT(read_file(folder / "new/per_class.csv"),
              HasSubstr("class,precision,recall,f1,support,predicted,roc_auc,average_precision\n"
                        "Cr,0.5,0.333"));
  EXPECT_EQ(parse_json(read_file(folder / "new/report.json"), "report.json"),
            report_json(make_report(example())));
}

TEST(WriteReport, RemovesStaleFilesOfAnEarlierReportAndNoOthers) {
  const TemporaryFolder folder;
  write_report(folder.path(), make_report(example(), {.training_log = {EpochLog{}}}));
  write_file(folder / "predictions.csv", "mine");
  write_report(folder.path(), make_report({{"Cr"}, {}}));
  EXPECT_THAT(files_in(folder.path()),
              ElementsAre("predictions.csv", "report.html", "report.json", "report.md"));
}

TEST(WriteReport, TheSameTwiceGivesTheSameBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"})
    write_report(folder / name, make_report(example(), {.training_log = {EpochLog{}}}));
  for (const std::string& name : files_in(folder / "a"))
    EXPECT_TRUE(read_file(folder / "a" / name) == read_file(folder / "b" / name)) << name;
}

TEST(WriteReport, ThrowsIfTheFolderIsAFile) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  EXPECT_THROW(write_report(folder / "file", make_report(example())), FileError);
}

TEST(WriteReport, SurvivesHostileNames) {
  const TemporaryFolder folder;
  const std::string name = "a|b<script>&\"{{n}}\"\n\xff,裂纹";
  const Predictions predictions{{name, "x"},
                                {{name, "x", name, 1, {1, 0}, ""}, {"\xfe|", "", "", 0, {}, name}}};
  write_report(folder.path(), make_report(predictions, {.title = name, .model = {{name, name}}}));
  const Json json = parse_json(read_file(folder / "report.json"), "report.json");
  EXPECT_EQ(json.at("classes")[0], "a|b<script>&\"{{n}}\"\n\\xFF,裂纹");
  EXPECT_EQ(json.at("unreadable")[0].at("path"), "\\xFE|");
  const std::string markdown = read_file(folder / "report.md");
  EXPECT_THAT(markdown, HasSubstr("a\\|b\\<script\\>\\&\"{{n}}\" \\\\xFF,裂纹"));
  EXPECT_THAT(markdown, Not(HasSubstr("&quot;")));
}

TEST(MarkdownText, EscapesWhatMarkdownWouldRead) {
  EXPECT_EQ(markdown_text("pitted_surface"), "pitted_surface");
  EXPECT_EQ(markdown_text("_x_ a__b"), "\\_x\\_ a\\_\\_b");
  EXPECT_EQ(markdown_text("a|b\\"), "a\\|b\\\\");
  EXPECT_EQ(markdown_text("*`[x](y)<z>&amp;~#$"), "\\*\\`\\[x\\](y)\\<z\\>\\&amp;\\~\\#\\$");
  EXPECT_EQ(markdown_text("line\r\nbreak\t"), "line  break ");
  EXPECT_EQ(markdown_text("裂_纹"), "裂_纹");
}

TEST(ReportMarkdown, CutsLongLists) {
  Predictions predictions{{"Cr", "In"}, {}};
  for (int i = 0; i < 60; ++i)
    predictions.rows.push_back(row(std::to_string(i) + ".bmp", "Cr", "In", 0.75f));
  const std::string markdown = report_markdown(make_report(predictions));
  EXPECT_THAT(markdown, HasSubstr("| 49.bmp |"));
  EXPECT_THAT(markdown, Not(HasSubstr("| 50.bmp |")));
  EXPECT_THAT(markdown, HasSubstr("and 10 more, in report.json."));
  EXPECT_EQ(report_json(make_report(predictions)).at("wrong").size(), 60u);
}

}  // namespace
}  // namespace steelsight::report_test
